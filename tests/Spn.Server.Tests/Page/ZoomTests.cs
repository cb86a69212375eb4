using Microsoft.Playwright;
using Xunit;

namespace Spn.Server.Tests.Page;

/// <summary>Zooming and moving the picture, and painting on an enlarged one.</summary>
public sealed class ZoomTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
        => _server = await RunningServer.StartAsync(options => options.Timeout = TimeSpan.FromMinutes(5));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task<PageDriver> OpenAsync(BrowserNewContextOptions? options = null)
    {
        PageDriver page = new(await chromium.OpenAsync(_server, options));
        await page.OpenAsync(Scene.Photo(480, 320));
        await page.UntilStatusAsync("Paint over the object, roughly.");
        return page;
    }

    [Fact]
    public async Task The_wheel_enlarges_what_is_under_the_pointer()
    {
        PageDriver page = await OpenAsync();
        (float x, float y) = await page.AtAsync(0.25, 0.5);
        await page.Page.Mouse.MoveAsync(x, y);
        await page.Page.Mouse.WheelAsync(0, -300);
        await Assertions.Expect(page.Page.Locator("#zoom-fit")).ToHaveTextAsync("1.8×");
        (float, float) after = await page.AtAsync(0.25, 0.5);
        Assert.Equal(x, after.Item1, 1.5f);
        Assert.Equal(y, after.Item2, 1.5f);

        // A stroke lies where it is painted: at the left of the photo, which fills the frame now.
        await page.Page.Locator("#size").FillAsync("30");
        await page.Page.Mouse.DownAsync();
        await page.Page.Mouse.UpAsync();
        await page.Page.Mouse.MoveAsync(2, 2);
        await page.UntilRefinedAsync();
        Assert.Equal([0.25, 0.5], await PaintedAsync(page), (one, other) => Math.Abs(one - other) < 0.02);

        await page.Page.Keyboard.PressAsync("0");
        await Assertions.Expect(page.Page.Locator("#zoom-fit")).ToHaveTextAsync("1.0×");
        await page.Page.Mouse.MoveAsync(x, y);
        await page.Page.Mouse.WheelAsync(0, 300);
        await Assertions.Expect(page.Page.Locator("#zoom-fit")).ToHaveTextAsync("1.0×");
        await page.Page.Context.CloseAsync();
    }

    [Fact]
    public async Task Buttons_and_keys_zoom_and_the_hand_moves()
    {
        PageDriver page = await OpenAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Zoom in" }).ClickAsync();
        await page.Page.Keyboard.PressAsync("+");
        await Assertions.Expect(page.Page.Locator("#zoom-fit")).ToHaveTextAsync("1.9×");
        await page.Page.Keyboard.PressAsync("m");
        await Assertions.Expect(page.Page.Locator("#tool-move")).ToBeCheckedAsync();
        (float x, float y) = await page.AtAsync(0.5, 0.5);
        await page.Page.Mouse.MoveAsync(x, y);
        await page.Page.Mouse.DownAsync();
        await page.Page.Mouse.MoveAsync(x + 60, y + 25, new() { Steps = 3 });
        await page.Page.Mouse.UpAsync();
        Assert.Equal((x + 60, y + 25), await RoundedAsync(page));

        await page.ChooseAsync("tool-brush"); // the middle button moves with every tool
        await page.Page.Mouse.MoveAsync(x, y);
        await page.Page.Mouse.DownAsync(new() { Button = MouseButton.Middle });
        await page.Page.Mouse.MoveAsync(x - 40, y - 20, new() { Steps = 3 });
        await page.Page.Mouse.UpAsync(new() { Button = MouseButton.Middle });
        Assert.Equal((x + 20, y + 5), await RoundedAsync(page));
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Undo" })).ToBeDisabledAsync(); // nothing was painted

        // No edge leaves the frame.
        await page.Page.Mouse.DownAsync(new() { Button = MouseButton.Middle });
        await page.Page.Mouse.MoveAsync(x - 4000, y - 4000);
        await page.Page.Mouse.UpAsync(new() { Button = MouseButton.Middle });
        LocatorBoundingBoxResult frame = (await page.Page.Locator("#frame").BoundingBoxAsync())!;
        (float right, float bottom) = await page.AtAsync(1, 1);
        Assert.Equal(frame.X + frame.Width, right, 1f);
        Assert.Equal(frame.Y + frame.Height, bottom, 1f);

        // The arrow keys take the picture along.
        await page.Page.Locator("#view").FocusAsync();
        for (int i = 0; i < 60; i++)
            await page.Page.Keyboard.PressAsync("ArrowLeft");
        (float left, _) = await page.AtAsync(0, 0);
        Assert.Equal(frame.X, left, 1f);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Fit the picture" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Zoom out" })).ToBeDisabledAsync();
        await page.Page.Context.CloseAsync();

        static async Task<(float, float)> RoundedAsync(PageDriver page)
        {
            (float x, float y) = await page.AtAsync(0.5, 0.5);
            return (MathF.Round(x, 1), MathF.Round(y, 1));
        }
    }

    [Theory]
    [InlineData("brush")]
    [InlineData("polygon")]
    [InlineData("affinity")]
    public async Task Two_fingers_zoom_and_paint_nothing(string tool)
    {
        PageDriver page = await OpenAsync(new()
        {
            ViewportSize = new ViewportSize { Width = 390, Height = 780 }, HasTouch = true, IsMobile = true, DeviceScaleFactor = 2,
        });
        await page.ChooseAsync($"tool-{tool}");
        ICDPSession fingers = await page.Page.Context.NewCDPSessionAsync(page.Page);
        (float x, float y) = await page.AtAsync(0.5, 0.5);
        await Touch("touchStart", (x - 30, y));
        await Touch("touchStart", (x - 30, y), (x + 30, y));
        for (int i = 1; i <= 4; i++)
            await Touch("touchMove", (x - 30 - 10 * i, y), (x + 30 + 10 * i, y));
        await Touch("touchEnd", (x - 70, y));
        await Touch("touchMove", (x - 60, y)); // the last finger of two paints nothing either
        await Touch("touchEnd");
        await Assertions.Expect(page.Page.Locator("#zoom-fit")).ToHaveTextAsync("2.3×");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Undo" })).ToBeDisabledAsync();
        await page.UntilStatusAsync("Paint over the object, roughly.");

        // One finger works again.
        await page.ChooseAsync("tool-brush");
        await Touch("touchStart", (x, y));
        await Touch("touchMove", (x + 20, y));
        await Touch("touchEnd");
        await page.UntilRefinedAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Undo" })).ToBeEnabledAsync();
        await page.Page.Context.CloseAsync();

        Task Touch(string type, params (float X, float Y)[] points) => fingers.SendAsync("Input.dispatchTouchEvent", new()
        {
            ["type"] = type, ["touchPoints"] = points.Select((point, id) => new { x = point.X, y = point.Y, id }).ToArray(),
        });
    }

    /// <summary>The centre of what is painted, in shares of the picture.</summary>
    private static async Task<double[]> PaintedAsync(PageDriver page)
    {
        Task<IRequest> call = page.Page.WaitForRequestAsync("**/refine");
        await page.Page.EvaluateAsync(
            """
            () => {
              const send = window.fetch;
              window.fetch = (path, options) => {
                window.fetch = send;
                window.sent = options.body.get('mask');
                return send(path, options);
              };
              document.querySelector('input[name=model]:checked').dispatchEvent(new Event('change', { bubbles: true }));
            }
            """);
        await call;
        return await page.Page.EvaluateAsync<double[]>(
            """
            async () => {
              const mask = await createImageBitmap(window.sent), canvas = new OffscreenCanvas(mask.width, mask.height);
              const context = canvas.getContext('2d');
              context.drawImage(mask, 0, 0);
              const pixels = context.getImageData(0, 0, mask.width, mask.height).data;
              let x = 0, y = 0, count = 0;
              for (let i = 0; i < pixels.length / 4; i++) {
                if (pixels[4 * i] > 127) {
                  x += i % mask.width + 0.5;
                  y += Math.floor(i / mask.width) + 0.5;
                  count++;
                }
              }
              return [x / count / mask.width, y / count / mask.height];
            }
            """);
    }
}

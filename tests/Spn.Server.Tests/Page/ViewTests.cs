using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;

namespace Spn.Server.Tests.Page;

/// <summary>What the page shows, on the sample photo.</summary>
public sealed partial class ViewTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    // Pixels of the sample: the flamingo's body, water, a disc that the refinement removes, one that it adds.
    private static readonly (double X, double Y)
        s_body = (0.55, 0.36), s_water = (0.85, 0.65), s_removed = (0.525, 0.51), s_added = (0.6, 0.29);

    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
        => _server = await RunningServer.StartAsync(options => options.Timeout = TimeSpan.FromMinutes(5));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Mask_change_cut_out_and_slider_show_what_they_say()
    {
        PageDriver page = new(await chromium.OpenAsync(_server));
        List<string> elsewhere = [], errors = [];
        page.Page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(_server.Address.ToString(), StringComparison.Ordinal))
                elsewhere.Add(request.Url);
        };
        page.Page.Console += (_, message) =>
        {
            if (message.Type == "error")
                errors.Add(message.Text);
        };
        page.Page.PageError += (_, error) => errors.Add(error);
        await page.OpenSampleAsync();
        int[] plain = await page.PixelAsync(s_water.X, s_water.Y), refined = await page.PixelAsync(s_removed.X, s_removed.Y);

        ILocator slider = page.Page.GetByRole(AriaRole.Slider, new() { NameRegex = CoarseShare() });
        await slider.FillAsync("100");
        Assert.NotEqual(refined, await page.PixelAsync(s_removed.X, s_removed.Y)); // the coarse mask is there
        Assert.Equal(plain, await page.PixelAsync(s_water.X, s_water.Y));
        await slider.FillAsync("0");
        Assert.Equal(refined, await page.PixelAsync(s_removed.X, s_removed.Y));

        await page.ChooseAsync("look-change");
        await Assertions.Expect(page.Page.Locator("#legend")).ToBeVisibleAsync();
        int[] removed = await page.PixelAsync(s_removed.X, s_removed.Y), added = await page.PixelAsync(s_added.X, s_added.Y);
        Assert.True(removed[0] > removed[1] + 50, $"red: {string.Join(' ', removed)}");
        Assert.True(added[1] > added[0] + 30, $"green: {string.Join(' ', added)}");

        await page.ChooseAsync("look-cutout");
        Assert.Equal(0, (await page.PixelAsync(s_water.X, s_water.Y))[3]);
        Assert.Equal(255, (await page.PixelAsync(s_body.X, s_body.Y))[3]);

        await page.ChooseAsync("tool-affinity");
        await page.ClickAsync(s_body.X, s_body.Y);
        await page.UntilStatusAsync(Reach());
        int[] near = await page.PixelAsync(s_body.X + 0.004, s_body.Y), far = await page.PixelAsync(0.02, 0.9);
        Assert.True(near[0] > near[2] + 80, $"orange: {string.Join(' ', near)}");
        Assert.True(far[0] - far[2] < 20, $"grey: {string.Join(' ', far)}");
        await page.ChooseAsync("tool-brush");
        await page.UntilRefinedAsync();

        await page.ChooseAsync("model-quality");
        await page.UntilRefinedAsync();
        Assert.Empty(elsewhere);
        Assert.Empty(errors);
        await page.Page.Context.CloseAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task A_phone_shows_everything_and_paints_by_touch(ColorScheme scheme)
    {
        PageDriver page = new(await chromium.OpenAsync(_server, new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = 390, Height = 780 },
            HasTouch = true,
            IsMobile = true,
            ColorScheme = scheme,
        }));
        string ground = await page.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
        Assert.Equal(scheme == ColorScheme.Dark ? "rgb(21, 22, 25)" : "rgb(245, 245, 243)", ground);
        await page.OpenAsync(Scene.Photo(480, 320));
        (float x, float y) = await page.AtAsync(0.5, 0.5);
        await page.Page.Touchscreen.TapAsync(x, y);
        await page.UntilRefinedAsync();

        Assert.False(await page.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > innerWidth"));
        foreach (ILocator control in await page.Page.Locator("button:visible, .button:visible, .choice label:visible").AllAsync())
        {
            LocatorBoundingBoxResult box = (await control.BoundingBoxAsync())!;
            string name = await control.InnerTextAsync();
            bool isInside = box.X >= 0 && box.X + box.Width <= 390 && box.Y + box.Height <= 780;
            Assert.True(isInside && box.Height >= 32, $"{name}: {box.X} {box.Y} {box.Width} {box.Height}");
        }
        Assert.True((await page.Page.Locator("#view").BoundingBoxAsync())!.Width > 350);
        await page.Page.Context.CloseAsync();
    }

    [Fact]
    public async Task The_last_answer_wins_and_a_busy_server_is_asked_again()
    {
        PageDriver page = new(await chromium.OpenAsync(_server));
        await page.OpenAsync(Scene.Photo(480, 320));
        TaskCompletionSource release = new();
        int calls = 0;
        await page.Page.RouteAsync("**/refine", async route =>
        {
            switch (Interlocked.Increment(ref calls))
            {
                case 1: // an answer that is overtaken
                    await release.Task;
                    await route.FulfillAsync(new() { Status = 500, Body = "too late" });
                    return;
                case 2:
                    await route.FulfillAsync(new()
                    {
                        Status = 429,
                        ContentType = "application/problem+json",
                        Headers = new Dictionary<string, string> { ["Retry-After"] = "1" },
                        Body = """{ "detail": "The server is busy." }""",
                    });
                    return;
                default:
                    await route.ContinueAsync();
                    return;
            }
        });
        await page.ClickAsync(0.45, 0.5);
        await page.UntilStatusAsync("Refining …");
        while (Volatile.Read(ref calls) == 0)
            await Task.Delay(20);
        await page.ClickAsync(0.55, 0.5);
        await page.UntilStatusAsync("The server is busy.");
        await page.UntilRefinedAsync();
        release.SetResult();
        await page.ClickAsync(0.5, 0.45);
        await page.UntilRefinedAsync();
        Assert.Equal(4, calls);
        await page.Page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_call_that_took_too_long_is_not_repeated()
    {
        PageDriver page = new(await chromium.OpenAsync(_server));
        await page.OpenAsync(Scene.Photo(480, 320));
        int calls = 0;
        await page.Page.RouteAsync("**/refine", route =>
        {
            Interlocked.Increment(ref calls);
            return route.FulfillAsync(new()
            {
                Status = 503,
                ContentType = "application/problem+json",
                Headers = new Dictionary<string, string> { ["Retry-After"] = "1" },
                Body = """{ "detail": "Try a smaller image." }""",
            });
        });
        await page.ClickAsync(0.5, 0.5);
        await page.UntilStatusAsync("Try a smaller image.");
        await page.Page.WaitForTimeoutAsync(2500);
        Assert.Equal(1, calls);
        await page.Page.Context.CloseAsync();
    }

    [Fact]
    public async Task Another_photo_stops_what_belongs_to_the_last_one()
    {
        PageDriver page = new(await chromium.OpenAsync(_server));
        await page.OpenAsync(Scene.Photo(480, 320));
        TaskCompletionSource asked = new(), stopped = new();
        await page.Page.RouteAsync("**/affinity", _ =>
        {
            asked.TrySetResult();
            return Task.CompletedTask; // no answer
        });
        page.Page.RequestFailed += (_, request) =>
        {
            if (request.Url.EndsWith("/affinity", StringComparison.Ordinal))
                stopped.TrySetResult();
        };
        await page.ChooseAsync("tool-affinity");
        await page.ClickAsync(0.5, 0.5);
        await asked.Task.WaitAsync(TimeSpan.FromMilliseconds(Chromium.Milliseconds));
        await page.OpenAsync(Scene.Photo(240, 160));
        await stopped.Task.WaitAsync(TimeSpan.FromMilliseconds(Chromium.Milliseconds));

        // The first of two photos is decoded last.
        await page.Page.EvaluateAsync(
            """
            () => {
              const decode = window.createImageBitmap;
              window.createImageBitmap = async file => {
                window.createImageBitmap = decode;
                await new Promise(resolve => { window.release = resolve; });
                return decode(file);
              };
            }
            """);
        await page.OpenFileAsync(Scene.Photo(480, 320), "first.jpg", "image/jpeg");
        await page.OpenFileAsync(Scene.Photo(120, 80), "second.jpg", "image/jpeg");
        await page.Page.WaitForFunctionAsync("() => document.getElementById('view').width === 120");
        await page.Page.EvaluateAsync("() => window.release()");
        await page.Page.WaitForTimeoutAsync(1000);
        Assert.Equal(120, await page.Page.EvaluateAsync<int>("() => document.getElementById('view').width"));
        await page.Page.Context.CloseAsync();
    }

    [Fact]
    public async Task What_cannot_be_loaded_or_converted_is_said()
    {
        PageDriver page = new(await chromium.OpenAsync(_server));
        await page.Page.RouteAsync("**/flamingo.jpg", route => route.AbortAsync());
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Try a sample" }).ClickAsync();
        await page.UntilStatusAsync("The server cannot be reached.");
        await page.Page.EvaluateAsync("() => { HTMLCanvasElement.prototype.toBlob = use => use(null); }");
        await page.OpenFileAsync(Scene.Photo(), "photo", "image/unusual");
        await page.UntilStatusAsync("The picture is too large for this browser.");
        await page.Page.Context.CloseAsync();
    }

    [Fact]
    public async Task What_is_no_picture_is_said()
    {
        PageDriver page = new(await chromium.OpenAsync(_server));
        await page.OpenFileAsync([1, 2, 3], "notes.txt", "text/plain");
        await page.UntilStatusAsync("This browser cannot read the file as a picture.");
        await page.OpenAsync(Scene.Photo(480, 320));
        await page.LoadMaskAsync([1, 2, 3]);
        await page.UntilStatusAsync("This browser cannot read the file as a picture.");
        await page.LoadMaskAsync(Scene.Mask());
        await page.UntilRefinedAsync();
        await page.Page.Context.CloseAsync();
    }

    [Fact]
    public async Task Every_control_has_a_name()
    {
        PageDriver page = new(await chromium.OpenAsync(_server));
        await page.OpenSampleAsync();
        int unnamed = await page.Page.EvaluateAsync<int>(
            """
            () => [...document.querySelectorAll('input, button')].filter(control => !(control.labels?.length > 0
              || control.getAttribute('aria-label') || control.textContent.trim())).length
            """);
        Assert.Equal(0, unnamed);
        string tree = await page.Page.Locator("main").AriaSnapshotAsync();
        string[] names = ["radio \"Brush\"", "radio \"Quality\"", "slider \"Size\"", "button \"Save cut-out\"", "group \"View\""];
        foreach (string name in names)
            Assert.Contains(name, tree, StringComparison.Ordinal);
        await page.Page.Context.CloseAsync();
    }

    [GeneratedRegex("^How much of the coarse mask")]
    private static partial Regex CoarseShare();

    [GeneratedRegex(@"^Orange: what a mask at \(\d+, \d+\) would reach\.$")]
    private static partial Regex Reach();
}

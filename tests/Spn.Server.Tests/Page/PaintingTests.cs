using System.Globalization;
using Microsoft.Playwright;
using SkiaSharp;
using Spn.Metrics;
using Xunit;

namespace Spn.Server.Tests.Page;

/// <summary>The page in a browser: from a photo to a saved mask.</summary>
public sealed class PaintingTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    // The disc of Scene.Photo.
    private const double X = 0.5, Y = 33.0 / 64, RadiusX = 22.0 / 96, RadiusY = 22.0 / 64;

    private const string Empty = "Paint over the object, roughly.";

    private RunningServer _server = null!;
    private PageDriver _page = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync(options => options.Timeout = TimeSpan.FromMinutes(5));
        _page = new PageDriver(await chromium.OpenAsync(_server));
    }

    public async ValueTask DisposeAsync()
    {
        if (_page is not null)
            await _page.Page.Context.CloseAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_rough_stroke_becomes_the_object()
    {
        await _page.OpenAsync(Scene.Photo(480, 320), "disc.jpg");
        await _page.UntilStatusAsync(Empty);
        await _page.Page.Locator("#size").FillAsync("100");
        await _page.DragAsync((X - 0.1, Y - 0.12), (X + 0.1, Y - 0.12), (X - 0.1, Y + 0.12), (X + 0.1, Y + 0.12));
        await _page.UntilRefinedAsync();
        Assert.True(IsTinted(await _page.PixelAsync(X, Y)));
        Assert.False(IsTinted(await _page.PixelAsync(0.1, 0.2)));

        (string name, byte[] content) = await _page.SaveAsync("Save mask");
        Assert.Equal("disc-mask.png", name);
        Mask mask = Mask.Load(content), coarse = Mask.Load(await CoarseAsync());
        Assert.Equal((480, 320), (mask.Width, mask.Height));
        BinaryMask truth = Binary(Mask.Load(Truth(480, 320)));
        double before = MaskMetrics.IoU(Binary(coarse), truth), after = MaskMetrics.IoU(Binary(mask), truth);
        Assert.True(after > before && after > 0.9, $"{before} before, {after} after");
        Assert.Equal(Scene.Encode(SpnRefiner.Refine(Scene.Photo(480, 320), MaskInput.From(await CoarseAsync()).With(
            new MaskOptions { Values = MaskValues.Probabilities })).Save), content);
    }

    [Fact]
    public async Task A_polygon_can_be_drawn_erased_from_and_undone()
    {
        await _page.OpenAsync(Scene.Photo(480, 320));
        await _page.ChooseAsync("tool-polygon");
        foreach ((double x, double y) in Corners(0.9))
            await _page.ClickAsync(x, y);
        await _page.Page.Keyboard.PressAsync("Enter");
        await _page.UntilRefinedAsync();
        Assert.True(IsTinted(await _page.PixelAsync(X, Y)));

        // A second one, closed by a click on its first point; the last corner is taken back first.
        (double X, double Y)[] corners = [(0.05, 0.05), (0.15, 0.05), (0.15, 0.2)];
        foreach ((double x, double y) in corners.Append((0.6, 0.9)))
            await _page.ClickAsync(x, y);
        await _page.Page.Keyboard.PressAsync("Control+z");
        await _page.ClickAsync(corners[0].X, corners[0].Y);
        await _page.UntilRefinedAsync();
        Assert.True(Mask.Load(await CoarseAsync())[(int)(0.13 * 480), (int)(0.1 * 320)] > 0.9f);
        Assert.Equal(0, Mask.Load(await CoarseAsync())[(int)(0.6 * 480), (int)(0.88 * 320)]);

        await _page.ChooseAsync("tool-eraser");
        await _page.DragAsync((0.05, 0.05), (0.15, 0.05), (0.15, 0.2), (0.05, 0.2), (0.1, 0.1));
        await _page.UntilRefinedAsync();
        Assert.True(Mask.Load(await CoarseAsync())[(int)(0.13 * 480), (int)(0.1 * 320)] < 0.1f);

        ILocator undo = _page.Page.GetByRole(AriaRole.Button, new() { Name = "Undo" });
        for (int i = 0; i < 3; i++)
            await undo.ClickAsync();
        await _page.UntilStatusAsync(Empty);
        await Assertions.Expect(undo).ToBeDisabledAsync();
        await Assertions.Expect(_page.Page.GetByRole(AriaRole.Button, new() { Name = "Save mask" })).ToBeDisabledAsync();
    }

    [Fact]
    public async Task Undo_takes_back_corners_and_strokes_that_are_not_finished()
    {
        List<string> errors = [];
        _page.Page.PageError += (_, error) => errors.Add(error);
        await _page.OpenAsync(Scene.Photo(480, 320));
        await _page.ChooseAsync("tool-polygon");
        ILocator undo = _page.Page.GetByRole(AriaRole.Button, new() { Name = "Undo" });
        await Assertions.Expect(undo).ToBeDisabledAsync();
        await _page.ClickAsync(0.3, 0.3);
        await undo.ClickAsync();
        await Assertions.Expect(undo).ToBeDisabledAsync();

        await _page.ChooseAsync("tool-brush");
        (float x, float y) = await _page.AtAsync(0.5, 0.5);
        await _page.Page.Mouse.MoveAsync(x, y);
        await _page.Page.Mouse.DownAsync();
        await _page.Page.Keyboard.PressAsync("Control+z");
        await _page.Page.Mouse.MoveAsync(x + 40, y);
        await _page.Page.Mouse.UpAsync();
        await _page.UntilStatusAsync(Empty);
        await Assertions.Expect(undo).ToBeDisabledAsync();
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Keys_paint_and_choose_tools()
    {
        await _page.OpenAsync(Scene.Photo(480, 320));
        ILocator view = _page.Page.Locator("#view");
        await view.FocusAsync();
        await _page.Page.Keyboard.PressAsync("ArrowUp");
        await _page.Page.Keyboard.PressAsync("Space");
        await _page.UntilRefinedAsync();
        Assert.True(Mask.Load(await CoarseAsync())[240, 155] > 0.9f);
        await _page.Page.Keyboard.PressAsync("e");
        await Assertions.Expect(_page.Page.Locator("#tool-eraser")).ToBeCheckedAsync();
        await _page.Page.Keyboard.PressAsync("Space");
        await _page.UntilStatusAsync(Empty);
        await _page.Page.Keyboard.PressAsync("Control+z");
        await _page.UntilRefinedAsync();
        string size = await _page.Page.Locator("#size").InputValueAsync();
        await _page.Page.Keyboard.PressAsync("]");
        Assert.NotEqual(size, await _page.Page.Locator("#size").InputValueAsync());
    }

    [Theory]
    [InlineData("]", 1, "")]
    [InlineData("[", -1, "")]
    [InlineData(".", 1, "")]
    [InlineData(",", -1, "")]
    [InlineData("]", 1, "ctrlKey: true, altKey: true, modifierAltGraph: true")] // AltGr + 9 on a German keyboard of Windows
    [InlineData("[", -1, "modifierAltGraph: true")] // AltGr + 8 on one of Linux
    [InlineData("[", -1, "altKey: true")] // Option + 5 on one of macOS
    [InlineData("]", 0, "ctrlKey: true")]
    [InlineData("[", 0, "metaKey: true")] // back, in a browser of macOS
    public async Task Keys_change_the_size_of_the_brush_on_every_keyboard(string key, int sign, string modifiers)
    {
        await _page.OpenAsync(Scene.Photo());
        int before = int.Parse(await _page.Page.Locator("#size").InputValueAsync(), CultureInfo.InvariantCulture);
        await _page.Page.EvaluateAsync(
            $"key => document.body.dispatchEvent(new KeyboardEvent('keydown', {{ key, bubbles: true, {modifiers} }}))", key);
        int after = int.Parse(await _page.Page.Locator("#size").InputValueAsync(), CultureInfo.InvariantCulture);
        Assert.Equal(sign, Math.Sign(after - before));
    }

    [Fact]
    public async Task A_mask_of_other_proportions_is_refused()
    {
        await _page.OpenAsync(Scene.Photo(480, 320));
        await _page.LoadMaskAsync(Scene.Mask(64, 64));
        await _page.UntilStatusAsync("The mask has 64 x 64 pixels, the photo 480 x 320. A mask needs the proportions of its photo.");
        await Assertions.Expect(_page.Page.GetByRole(AriaRole.Button, new() { Name = "Undo" })).ToBeDisabledAsync();
        await _page.LoadMaskAsync(Scene.Mask(96, 65)); // rounded by a network
        await _page.UntilRefinedAsync();
    }

    [Fact]
    public async Task A_large_photo_from_a_phone_is_upright_and_saved_at_full_size()
    {
        await _page.OpenAsync(Pictures.WithOrientation(Scene.Photo(1800, 1200), 6), "IMG_1.JPG");
        await _page.LoadMaskAsync(Scene.Mask(64, 96, 32));
        await _page.UntilRefinedAsync();
        int[] shown = await _page.Page.EvaluateAsync<int[]>(
            "() => ['width', 'height'].map(side => document.getElementById('view')[side])");
        Assert.Equal([1067, 1600], shown);

        (string name, byte[] content) = await _page.SaveAsync("Save cut-out");
        Assert.Equal("IMG_1-cutout.png", name);
        using SKBitmap cutOut = SKBitmap.Decode(content);
        Assert.Equal((1200, 1800), (cutOut.Width, cutOut.Height));
        Assert.Equal(0, cutOut.GetPixel(20, 20).Alpha);
        SKColor inside = cutOut.GetPixel(600, 900);
        Assert.Equal(255, inside.Alpha);
        Assert.True(inside.Red > 180 && inside.Blue < 80, inside.ToString());
    }

    /// <summary>The mask that the page sends.</summary>
    private Task<byte[]> CoarseAsync() => Task.Run(async () => Convert.FromBase64String(await _page.Page.EvaluateAsync<string>(
        """
        async () => {
          const send = window.fetch, request = new Promise(resolve => {
            window.fetch = (path, options) => {
              window.fetch = send;
              resolve(options.body);
              return send(path, options);
            };
          });
          document.querySelector('input[name=model]:checked').dispatchEvent(new Event('change', { bubbles: true }));
          const bytes = new Uint8Array(await (await request).get('mask').arrayBuffer());
          return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
        }
        """)));

    private static byte[] Truth(int width, int height) => Pictures.GreyPng(width, height, (column, row) =>
    {
        int x = column * 96 / width - 48, y = row * 64 / height - 33;
        return x * x + y * y < 22 * 22 ? (byte)255 : (byte)0;
    });

    private static IEnumerable<(double X, double Y)> Corners(double share) => Enumerable.Range(0, 5)
        .Select(i => (X + share * RadiusX * Math.Cos(i * Math.Tau / 5), Y + share * RadiusY * Math.Sin(i * Math.Tau / 5)));

    private static BinaryMask Binary(Mask mask) => BinaryMask.From(mask.Pixels, mask.Width, mask.Height);

    // The disc is (200, 120, 40), the ground (60, 90, 130); the accent colour brings the disc to about (140, 100, 120).
    private static bool IsTinted(int[] pixel) => pixel[0] is > 100 and < 170 && pixel[2] > 90;
}

using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Spn.Server.Tests.Page;

/// <summary>What a user does with the page and sees on it. Places on the picture are shares of its width and height.</summary>
internal sealed partial class PageDriver(IPage page)
{
    public IPage Page => page;

    public ILocator Status => page.Locator("#status");

    /// <summary>Opens a photo, and waits until it is there.</summary>
    public async Task OpenAsync(byte[] photo, string name = "photo.jpg")
    {
        await OpenFileAsync(photo, name, "image/jpeg");
        await Assertions.Expect(page.Locator("#view")).ToBeVisibleAsync(new() { Timeout = Chromium.Milliseconds });
    }

    public Task OpenFileAsync(byte[] photo, string name, string type)
        => page.Locator("#photo-file").SetInputFilesAsync(new FilePayload { Name = name, MimeType = type, Buffer = photo });

    public Task LoadMaskAsync(byte[] mask)
        => page.Locator("#mask-file").SetInputFilesAsync(new FilePayload { Name = "mask.png", MimeType = "image/png", Buffer = mask });

    /// <summary>Opens the sample, and waits until it is refined.</summary>
    public async Task OpenSampleAsync()
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Try a sample" }).ClickAsync();
        await UntilRefinedAsync();
    }

    /// <summary>
    /// Waits until the last change is refined. The page asks the server a short while after a change, and until then it still shows the
    /// status of the change before. A browser runs timers in the order of their time, so after a longer one the page has asked.
    /// </summary>
    public async Task UntilRefinedAsync()
    {
        await page.EvaluateAsync("() => new Promise(done => setTimeout(done, 200))");
        await UntilStatusAsync(Refined());
    }

    public Task UntilStatusAsync(Regex text) => Assertions.Expect(Status).ToHaveTextAsync(text, new() { Timeout = Chromium.Milliseconds });

    public Task UntilStatusAsync(string text) => Assertions.Expect(Status).ToHaveTextAsync(text, new() { Timeout = Chromium.Milliseconds });

    public Task ChooseAsync(string option) => page.Locator($"label[for={option}]").ClickAsync();

    public async Task ClickAsync(double x, double y)
    {
        (float left, float top) = await AtAsync(x, y);
        await page.Mouse.ClickAsync(left, top);
    }

    public async Task DragAsync(params (double X, double Y)[] way)
    {
        (float left, float top) = await AtAsync(way[0].X, way[0].Y);
        await page.Mouse.MoveAsync(left, top);
        await page.Mouse.DownAsync();
        foreach ((double x, double y) in way[1..])
        {
            (left, top) = await AtAsync(x, y);
            await page.Mouse.MoveAsync(left, top, new() { Steps = 4 });
        }
        await page.Mouse.UpAsync();
        await page.Mouse.MoveAsync(2, 2); // the brush's ring is gone
    }

    /// <summary>Red, green, blue and alpha of the picture.</summary>
    public async Task<int[]> PixelAsync(double x, double y) => await page.EvaluateAsync<int[]>(
        """
        ([x, y]) => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(() => {
          const view = document.getElementById('view');
          resolve(Array.from(view.getContext('2d').getImageData(Math.floor(x * view.width), Math.floor(y * view.height), 1, 1).data));
        })))
        """,
        new[] { x, y });

    /// <summary>Presses a button that saves a file.</summary>
    public async Task<(string Name, byte[] Content)> SaveAsync(string button)
    {
        IDownload download = await page.RunAndWaitForDownloadAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync());
        return (download.SuggestedFilename, await File.ReadAllBytesAsync(await download.PathAsync()));
    }

    /// <summary>Where a place of the picture is on the screen, after the picture has come to its own place.</summary>
    public async Task<(float X, float Y)> AtAsync(double x, double y)
    {
        await page.EvaluateAsync("() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
        LocatorBoundingBoxResult box = (await page.Locator("#view").BoundingBoxAsync())!;
        return ((float)(box.X + x * box.Width), (float)(box.Y + y * box.Height));
    }

    [GeneratedRegex(@"^Refined in \d+ ms\. \d+\.\d % of the pixels changed\.$")]
    public static partial Regex Refined();
}

using Microsoft.Playwright;
using Xunit;

namespace Spn.Server.Tests.Page;

/// <summary>Debian's Chromium, one process for all tests of the page. Without it they are skipped.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string? s_path =
        new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    /// <summary>How long anything may take, however loaded the machine is.</summary>
    internal const int Milliseconds = 120_000;

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (s_path is null)
            return;
        _playwright = await Playwright.CreateAsync();
        // Without the sandbox, because root, which tests in containers run as, cannot have one.
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = s_path, Args = ["--no-sandbox"] });
    }

    /// <summary>A fresh browser window.</summary>
    internal async Task<IPage> OpenAsync(RunningServer server, BrowserNewContextOptions? options = null)
    {
        Assert.SkipWhen(_browser is null, "There is no Chromium in /usr/bin (package chromium).");
        IBrowserContext context = await _browser!.NewContextAsync(
            options ?? new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1100, Height = 760 } });
        IPage page = await context.NewPageAsync();
        page.SetDefaultTimeout(Milliseconds);
        await page.GotoAsync(server.Address.ToString());
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}

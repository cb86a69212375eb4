using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Spn.Cli.Serving;

/// <summary>Runs the endpoints of <c>Spn.Server</c> until Ctrl+C.</summary>
internal static class WebServer
{
    /// <exception cref="IOException">The address or port cannot be used.</exception>
    public static async Task<int> RunAsync(ServeSettings settings, CancellationToken cancellation)
    {
        // Empty: neither files in the current folder nor variables of the environment change what the command line says.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, settings));
        // A failed start is an exception, which ends the program with its message.
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            .AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(3));
        builder.Services.AddSpnServer(server =>
        {
            server.MaxRequestBytes = settings.MaxRequestBytes;
            server.MaxBufferedBytes = settings.MaxBufferedBytes;
            server.MaxPixels = settings.MaxPixels;
            server.Timeout = settings.Timeout;
            server.MaxCalls = settings.MaxCalls;
            server.MaxWaitingCalls = settings.MaxWaitingCalls;
            server.Models.Clear();
            foreach ((string name, SpnModel model) in settings.Models)
                server.Models.Add(name, model);
        });
        bool isLocal = settings.Address is null || IPAddress.IsLoopback(settings.Address);
        if (isLocal)
            builder.Services.AddHostFiltering(filter => filter.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);
        await using WebApplication app = builder.Build();
        if (isLocal)
            app.UseHostFiltering(); // a website whose name was pointed to this machine could read the answers
        app.Use(RefuseOtherSites);
        app.MapSpnServer();
        await StartAsync(app, cancellation).ConfigureAwait(false);
        Console.WriteLine($"Serving at {string.Join(" and ", app.Urls)} until Ctrl+C.");
        if (!isLocal)
            Console.Error.WriteLine("spn: Everybody who can reach this address can use the server; it has no accounts.");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
        await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
        return ExitCode.Success;
    }

    /// <summary>A page of another website could not read the answers, but it could keep the server busy.</summary>
    private static Task RefuseOtherSites(HttpContext context, RequestDelegate next)
    {
        if (!HttpMethods.IsPost(context.Request.Method) || context.Request.Headers["Sec-Fetch-Site"] != "cross-site")
            return next(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    private static async Task StartAsync(WebApplication app, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw new IOException($"The server cannot listen at this address and port: {e.Message}", e);
        }
    }

    private static void Listen(KestrelServerOptions kestrel, ServeSettings settings)
    {
        kestrel.AddServerHeader = false;
        if (settings.Address is { } address)
            kestrel.Listen(address, settings.Port);
        else if (settings.Port == 0)
            kestrel.Listen(IPAddress.Loopback, 0); // localhost means two addresses, which cannot both have the same free port
        else
            kestrel.ListenLocalhost(settings.Port);
    }
}

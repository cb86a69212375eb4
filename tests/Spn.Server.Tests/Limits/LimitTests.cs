using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Spn.Server.Limits;
using Xunit;

namespace Spn.Server.Tests.Limits;

/// <summary>Too many calls, calls that take too long, and clients that are gone.</summary>
public sealed class LimitTests
{
    private static readonly byte[] s_photo = Scene.Photo(), s_mask = Scene.Mask();

    [Fact]
    public async Task A_full_queue_refuses_calls_until_a_place_is_free()
    {
        await using RunningServer server = await RunningServer.StartAsync(options => (options.MaxCalls, options.MaxWaitingCalls) = (1, 1));
        CallQueue queue = server.Services.GetRequiredService<CallQueue>();
        TaskCompletionSource<int> end = new(), works = new();
        Task<int> working = queue.RunAsync(_ => { works.SetResult(0); return end.Task; }, CancellationToken.None);
        await works.Task;
        Task<int> waiting = queue.RunAsync(_ => Task.FromResult(2), CancellationToken.None);

        using HttpResponseMessage refused = await Post(server);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(2), refused.Headers.RetryAfter!.Delta);
        Assert.Contains(
            "The server is busy. Running calls: 1, waiting calls: 1.", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using HttpResponseMessage health = await server.Client.GetAsync("health");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);

        end.SetResult(1);
        int[] results = await Task.WhenAll(working, waiting);
        Assert.Equal([1, 2], results);
        using HttpResponseMessage accepted = await Post(server);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
    }

    [Fact]
    public async Task A_call_that_takes_too_long_is_stopped()
    {
        await using RunningServer server = await RunningServer.StartAsync(options => options.Timeout = TimeSpan.FromMilliseconds(1));
        using HttpResponseMessage response = await server.PostAsync("refine", ("image", Scene.Photo(1200, 800)), ("mask", s_mask));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Contains("longer than 0.001 seconds", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_is_gone_stops_the_work()
    {
        await using RunningServer server = await RunningServer.StartAsync(options => options.MaxCalls = 1);
        using HttpResponseMessage warm = await Post(server);
        byte[] large = Scene.Photo(2400, 1600);

        // The time of a whole call decides nothing: the metrics say whether it was cancelled.
        for (int i = 0; i < 20; i++)
        {
            using CancellationTokenSource gone = new();
            Task<HttpResponseMessage> call = server.Client.PostAsync(
                "refine?model=quality", RunningServer.Form(("image", large), ("mask", s_mask)), gone.Token);
            await UntilAsync(async () => await Metric(server, "spn_calls_active") > 0 || call.IsCompleted);
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
            await UntilAsync(async () => await Metric(server, "spn_calls_active") == 0);
            if (await Metric(server, "spn_calls_total", "cancelled") > 0)
                break;
        }
        Assert.True(await Metric(server, "spn_calls_total", "cancelled") > 0);
        await UntilAsync(async () => await Metric(server, "http_server_request_duration_seconds_count", "code=\"499\"") > 0);
        using HttpResponseMessage next = await Post(server);
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Fact]
    public async Task Uploads_and_unread_answers_are_bounded_together()
    {
        Random random = new(1);
        byte[] noise = Pictures.GreyPng(1000, 1000, (_, _) => (byte)random.Next(256)); // about 1 MB; its cut-out is larger
        await using RunningServer server = await RunningServer.StartAsync(
            options => (options.MaxRequestBytes, options.MaxBufferedBytes) = (3_000_000, 8_000_000));
        MemoryBudget budget = server.Services.GetRequiredService<MemoryBudget>();

        // An upload in progress counts with the length that it says, and one that says none with the largest.
        using (TcpClient client = await StartUploadAsync(server, "Content-Length: 600000"))
            await UntilAsync(() => Task.FromResult(budget.Used == 600_000));
        await UntilAsync(() => Task.FromResult(budget.Used == 0));
        using (TcpClient client = await StartUploadAsync(server, "Transfer-Encoding: chunked"))
            await UntilAsync(() => Task.FromResult(budget.Used == 3_000_000));
        await UntilAsync(() => Task.FromResult(budget.Used == 0));

        // What is left is enough for small uploads only.
        using (MemoryBudget.Share other = budget.Take(new DefaultHttpContext(), 7_500_000))
        {
            await Refused(noise);
            using HttpResponseMessage small = await Post(server);
            Assert.Equal(HttpStatusCode.OK, small.StatusCode);
        }
        // Or for the upload, but not for its answer.
        using (MemoryBudget.Share other = budget.Take(new DefaultHttpContext(), 7_900_000 - noise.Length))
            await Refused(noise);
        using HttpResponseMessage answer = await CutOut(noise);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await UntilAsync(() => Task.FromResult(budget.Used == 0));

        async Task Refused(byte[] photo)
        {
            using HttpResponseMessage refused = await CutOut(photo);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(2), refused.Headers.RetryAfter!.Delta);
            Assert.Contains(
                "The server holds too many uploads and answers, 8,000,000 bytes at most.", await refused.Content.ReadAsStringAsync(),
                StringComparison.Ordinal);
        }

        Task<HttpResponseMessage> CutOut(byte[] photo)
            => server.PostAsync("cutout", ("image", photo), ("mask", Pictures.GreyPng(50, 50, (x, _) => x > 10 ? (byte)255 : (byte)0)));
    }

    private static async Task<TcpClient> StartUploadAsync(RunningServer server, string length)
    {
        TcpClient client = new();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        string head = $"POST /refine HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n{length}\r\n\r\n";
        await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(head));
        return client;
    }

    private static Task<HttpResponseMessage> Post(RunningServer server) => server.PostAsync("refine", ("image", s_photo), ("mask", s_mask));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(2), "The server does not get there.");
            await Task.Delay(5);
        }
    }

    /// <summary>The sum of the metric's series with a text in their labels.</summary>
    private static async Task<double> Metric(RunningServer server, string name, string label = "")
    {
        string text = await server.Client.GetStringAsync("metrics");
        return text.Split('\n')
            .Where(line => line.StartsWith($"{name}{{", StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal))
            .Sum(line => double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
    }
}

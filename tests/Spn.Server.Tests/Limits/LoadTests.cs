using System.Net;
using Xunit;

namespace Spn.Server.Tests.Limits;

/// <summary>Many clients.</summary>
public sealed class LoadTests
{
    private const int Clients = 32, Requests = 1000, Scenes = 8;
    private const long Megabyte = 1 << 20;

    [Fact]
    public async Task A_thousand_requests_from_32_clients_are_all_right_and_memory_is_bounded()
    {
        (byte[] Photo, byte[] Mask)[] scenes =
            [.. Enumerable.Range(0, Scenes).Select(i => (Scene.Photo(x: 40 + 2 * i), Scene.Mask(x: 40 + 2 * i)))];
        byte[][] expected = [.. scenes.Select(scene => Scene.Encode(SpnRefiner.Refine(scene.Photo, scene.Mask).Save))];
        await using RunningServer server = await RunningServer.StartAsync(options => options.MaxWaitingCalls = Clients);
        await SendAsync(Requests / 10);
        long before = ProcessMemory.Resident();
        await SendAsync(Requests);
        Assert.InRange(ProcessMemory.Resident() - before, long.MinValue, 100 * Megabyte);

        Task SendAsync(int count)
        {
            int next = 0;
            return Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
            {
                for (int i; (i = Interlocked.Increment(ref next) - 1) < count;)
                {
                    (byte[] photo, byte[] mask) = scenes[i % Scenes];
                    using HttpResponseMessage response = await server.PostAsync("refine", ("image", photo), ("mask", mask));
                    Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                    Assert.Equal(expected[i % Scenes], await response.Content.ReadAsByteArrayAsync());
                }
            }));
        }
    }
}

using Xunit;

namespace Spn.Cluster.Tests;

/// <summary>Silos as processes with PostgreSQL.</summary>
public sealed class PostgresTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task A_job_survives_dying_silos_and_a_database_that_is_away()
        => new Chaos
        {
            Items = 160, Kills = 4, Cut = TimeSpan.FromSeconds(5), Side = 4, Model = "quality", ShardSize = 16, Compared = 20,
        }.RunAsync(_folder);

    /// <summary>The same for minutes. Run it with <c>-explicit only</c>.</summary>
    [Fact(Explicit = true)]
    public Task A_long_job_survives_twenty_kills_and_a_database_that_is_away()
        => new Chaos
        {
            Items = 3000, Kills = 20, Cut = TimeSpan.FromSeconds(10), Side = 2, Model = "fast", ShardSize = 50, Compared = 3000,
        }.RunAsync(_folder);

    [Fact]
    public async Task A_silo_shows_its_health_a_dashboard_and_telemetry()
    {
        PostgresServer server = await PostgresServer.StartAsync(_folder);
        using Collector collector = new();
        Member member = new(_folder, server.Connection)
        {
            Environment =
            [
                $"OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
                "OTEL_METRIC_EXPORT_INTERVAL=500", "OTEL_BSP_SCHEDULE_DELAY=500",
            ],
        };
        try
        {
            Tool.WriteScenes(_folder, 12);
            int port = PostgresServer.FreePort();
            using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            member.Start("--http", $"{port}");
            await Tool.Ask(_folder, server, "submit", "manifest.jsonl");
            Assert.StartsWith("Finished: 12", await Tool.Ask(_folder, server, "status", "manifest", "--watch"), StringComparison.Ordinal);
            Assert.Equal("Active", (await client.GetStringAsync("/health/live")).Trim());
            Assert.Equal("Active", (await client.GetStringAsync("/health/ready")).Trim());
            Assert.Contains("<html", await client.GetStringAsync("/dashboard/"), StringComparison.OrdinalIgnoreCase);
            using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
            (string Path, string Name)[] expected =
            [
                ("/v1/metrics", "spn.jobs.items"), ("/v1/metrics", "spn.jobs.shards"), ("/v1/metrics", "orleans-"),
                ("/v1/traces", "refine shard"), ("/v1/traces", "spn-cluster"),
            ];
            while (!expected.All(text => collector.Has(text.Path, text.Name)))
                await Task.Delay(100, limit.Token);
        }
        finally
        {
            member.Kill();
            await server.CutAsync();
        }
    }

    [Fact]
    public async Task A_job_is_cancelled_and_resumed_from_the_command_line()
    {
        PostgresServer server = await PostgresServer.StartAsync(_folder);
        Member member = new(_folder, server.Connection);
        try
        {
            Tool.WriteScenes(_folder, 60, side: 4);
            using OutputWatch outputs = new(_folder.File("refined"));
            member.Start();
            await Tool.Ask(_folder, server, "submit", "manifest.jsonl", "--model", "quality", "--shard-size", "10");
            await Chaos.UntilAsync(() => outputs.Count >= 3);
            await Tool.Ask(_folder, server, "cancel", "manifest");
            Assert.StartsWith("Cancelled: ", await Tool.Ask(_folder, server, "status", "manifest"), StringComparison.Ordinal);
            await Tool.Ask(_folder, server, "resume", "manifest");
            string status = await Tool.Ask(_folder, server, "status", "manifest", "--watch");
            Assert.Equal("Finished: 60 of 60 masks, 60 refined", status.Trim());
        }
        finally
        {
            member.Kill();
            await server.CutAsync();
        }
    }
}

using System.Globalization;
using Xunit;

namespace Spn.Cluster.Tests;

/// <summary>Silos as processes with PostgreSQL, which are killed and lose their database.</summary>
public sealed class PostgresTests : IDisposable
{
    private const int Items = 160, Kills = 4, Compared = 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_job_survives_dying_silos_and_a_database_that_is_away()
    {
        PostgresServer server = await PostgresServer.StartAsync(_folder);
        Member[] members = [.. Enumerable.Range(0, 3).Select(_ => new Member(_folder, server.Connection))];
        try
        {
            Tool.WriteScenes(_folder, Items, side: 4);
            File.WriteAllBytes(_folder.File("images/7.jpg"), [1, 2, 3]);
            foreach (Member member in members)
                member.Start();
            string submitted = await Ask(server, "submit", "manifest.jsonl", "--model", "quality", "--shard-size", "16");
            Assert.Contains("Submitted", submitted, StringComparison.Ordinal);

            Random random = new(20);
            for (int kill = 0; kill < Kills; kill++)
            {
                int seen = Outputs();
                await UntilAsync(() => Outputs() >= seen + 8 || IsFinished());
                Member member = members[random.Next(members.Length)];
                member.Kill();
                if (kill == Kills / 2)
                {
                    await server.CutAsync();
                    await Task.Delay(TimeSpan.FromSeconds(5));
                    await server.StartAsync();
                }
                member.Start();
            }
            Assert.False(IsFinished(), "The job was too short for its kills.");
            while (!IsFinished())
            {
                foreach (Member member in members.Where(member => member.HasEnded)) // what restarts pods does this
                    member.Start();
                await Task.Delay(200);
            }
            string status = await Ask(server, "status", "manifest", "--watch");
            Assert.StartsWith($"Finished: {Items} of {Items} masks", status, StringComparison.Ordinal);
        }
        finally
        {
            foreach (Member member in members)
                member.Kill();
            await server.CutAsync();
        }

        SpnProcess.Result verify = await Tool.Run(_folder, "verify", "manifest");
        Assert.True(verify.ExitCode == 0, verify.ToString());
        Assert.Contains("1 failed", verify.Text, StringComparison.Ordinal);
        // One machine makes the same files.
        byte[][] outputs = [.. Enumerable.Range(Items - Compared, Compared).Select(Output)];
        Directory.Delete(_folder.File("refined"), recursive: true);
        File.WriteAllLines(_folder.File("few.jsonl"), File.ReadLines(_folder.File("manifest.jsonl")).TakeLast(Compared));
        SpnProcess.Result alone = await Tool.Run(_folder, "run", "few.jsonl", "--model", "quality");
        Assert.True(alone.ExitCode == 0, alone.ToString());
        Assert.Equal(outputs, Enumerable.Range(Items - Compared, Compared).Select(Output));
    }

    [Fact]
    public async Task A_job_is_cancelled_and_resumed_from_the_command_line()
    {
        PostgresServer server = await PostgresServer.StartAsync(_folder);
        Member member = new(_folder, server.Connection);
        try
        {
            Tool.WriteScenes(_folder, 60, side: 4);
            member.Start();
            await Ask(server, "submit", "manifest.jsonl", "--model", "quality", "--shard-size", "10");
            await UntilAsync(() => Outputs() >= 3);
            await Ask(server, "cancel", "manifest");
            Assert.StartsWith("Cancelled: ", await Ask(server, "status", "manifest"), StringComparison.Ordinal);
            await Ask(server, "resume", "manifest");
            Assert.Equal("Finished: 60 of 60 masks, 60 refined", (await Ask(server, "status", "manifest", "--watch")).Trim());
        }
        finally
        {
            member.Kill();
            await server.CutAsync();
        }
    }

    private int Outputs() => Directory.Exists(_folder.File("refined")) ? Directory.GetFiles(_folder.File("refined"), "*.png").Length : 0;

    private bool IsFinished() => File.Exists(_folder.File("manifest/summary.json"));

    private byte[] Output(int item) => File.ReadAllBytes(_folder.File($"refined/{item}.png"));

    /// <summary>Runs a command, again while no silo is there to answer it.</summary>
    private async Task<string> Ask(PostgresServer server, params string[] arguments)
    {
        for (int attempt = 0; ; attempt++)
        {
            SpnProcess.Result result = await Tool.Run(_folder, [.. arguments, "--database", server.Connection]);
            if (result.ExitCode == 0 || (arguments.Contains("--watch") && result.Text.StartsWith("Finished", StringComparison.Ordinal)))
                return result.Text;
            Assert.True(attempt < 20, result.ToString());
            await Task.Delay(1000);
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(5));
        while (!condition())
            await Task.Delay(50, limit.Token);
    }

    /// <summary>A silo that comes back with the same ports after it was killed.</summary>
    private sealed class Member(TemporaryFolder folder, string connection)
    {
        private readonly string _port = PostgresServer.FreePort().ToString(CultureInfo.InvariantCulture);
        private readonly string _gatewayPort = PostgresServer.FreePort().ToString(CultureInfo.InvariantCulture);
        private SpnProcess? _process;

        public bool HasEnded => _process is null or { HasEnded: true };

        public void Start()
        {
            Kill();
            _process = Tool.Start(
                folder, "start", "--database", connection, "-j", "1",
                "--address", "127.0.0.1", "--port", _port, "--gateway-port", _gatewayPort);
        }

        public void Kill()
        {
            _process?.Dispose();
            _process = null;
        }
    }
}

using Xunit;

namespace Spn.Cluster.Tests;

/// <summary>A job of three silos that are killed and lose their database, and what it must leave.</summary>
internal sealed class Chaos
{
    private const int Members = 3;

    public required int Items { get; init; }

    /// <summary>How often a silo is killed.</summary>
    public required int Kills { get; init; }

    /// <summary>How long the database is away, after half of the kills.</summary>
    public required TimeSpan Cut { get; init; }

    /// <summary>The side of the photos: 1 is 96 x 64.</summary>
    public required int Side { get; init; }

    public required string Model { get; init; }

    public required int ShardSize { get; init; }

    /// <summary>How many of the outputs are compared with those of <c>spn batch</c>.</summary>
    public required int Compared { get; init; }

    public async Task RunAsync(TemporaryFolder folder)
    {
        PostgresServer server = await PostgresServer.StartAsync(folder);
        Tool.WriteScenes(folder, Items, Side);
        File.WriteAllBytes(folder.File("images/7.jpg"), [1, 2, 3]);
        using OutputWatch outputs = new(folder.File("refined"));
        Member[] members = [.. Enumerable.Range(0, Members).Select(_ => new Member(folder, server.Connection))];
        int restarts = 0;
        try
        {
            foreach (Member member in members)
                member.Start();
            string submitted = await Tool.Ask(
                folder, server, "submit", "manifest.jsonl", "--model", Model, "--shard-size", $"{ShardSize}");
            Assert.Contains("Submitted", submitted, StringComparison.Ordinal);
            restarts = await DisturbAsync(folder, server, members, outputs);
            string status = await Tool.Ask(folder, server, "status", "manifest", "--watch");
            Assert.StartsWith($"Finished: {Items} of {Items} masks", status, StringComparison.Ordinal);
        }
        finally
        {
            foreach (Member member in members)
                member.Kill();
            await server.CutAsync();
        }

        SpnProcess.Result verify = await Tool.Run(folder, "verify", "manifest");
        Assert.True(verify.ExitCode == 0, verify.ToString());
        Assert.Contains(" 1 failed.", verify.Text, StringComparison.Ordinal);
        Assert.True(outputs.HasSeenAll);
        Assert.Empty(outputs.Different);
        await CompareAsync(folder);
        TestContext.Current.SendDiagnosticMessage(
            $"{Items} items, {Kills} kills, {restarts} restarts, {outputs.Repeats} outputs written again. {verify.Text.Trim()}");
    }

    /// <summary>Kills silos at random until the job ends.</summary>
    /// <returns>How many silos were started again.</returns>
    private async Task<int> DisturbAsync(TemporaryFolder folder, PostgresServer server, Member[] members, OutputWatch outputs)
    {
        Random random = new(20);
        bool IsFinished() => File.Exists(folder.File("manifest/summary.json"));
        int restarts = 0;
        void Restart(Func<Member, bool> which)
        {
            foreach (Member member in members.Where(member => member.HasEnded && which(member)))
            {
                member.Start();
                restarts++;
            }
        }

        // Between 5 and 90 percent, so that the last silos have something left to do.
        int[] times = [.. Enumerable.Range(0, Kills).Select(_ => Items / 20 + random.Next(Items * 85 / 100)).Order()];
        for (int kill = 0; kill < Kills; kill++)
        {
            await UntilAsync(() =>
            {
                if (members.All(member => member.HasEnded))
                    Restart(_ => true);
                return outputs.Count >= times[kill];
            });
            Member[] alive = [.. members.Where(member => !member.HasEnded)];
            alive[random.Next(alive.Length)].Kill();
            if (kill == Kills / 2)
            {
                await server.CutAsync();
                await Task.Delay(Cut);
                await server.StartAsync();
            }
            Restart(_ => random.Next(2) == 0); // others stay away until the next kill
        }
        Assert.False(IsFinished(), "The job was too short for its kills.");
        await UntilAsync(() =>
        {
            Restart(_ => true); // what restarts pods does this
            return IsFinished();
        });
        return restarts;
    }

    /// <summary>One machine makes the same files.</summary>
    private async Task CompareAsync(TemporaryFolder folder)
    {
        int first = Items - Compared;
        for (int i = 0; i < first; i++)
        {
            File.Delete(folder.File($"images/{i}.jpg"));
            File.Delete(folder.File($"masks/{i}.png"));
        }
        SpnProcess.Result batch = await SpnProcess.Run(folder, "batch", "images", "masks", "alone", "--model", Model);
        Assert.True(batch.ExitCode == (first > 7 ? 0 : 1), batch.ToString());
        int[] good = [.. Enumerable.Range(first, Compared).Where(i => i != 7)];
        Assert.Equal(good.Length, Directory.GetFiles(folder.File("alone"), "*.png").Length);
        Assert.All(
            good, i => Assert.Equal(File.ReadAllBytes(folder.File($"alone/{i}.png")), File.ReadAllBytes(folder.File($"refined/{i}.png"))));
    }

    internal static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(15));
        while (!condition())
            await Task.Delay(50, limit.Token);
    }
}

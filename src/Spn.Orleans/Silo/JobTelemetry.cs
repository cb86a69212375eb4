using System.Diagnostics;
using System.Diagnostics.Metrics;
using Spn.Orleans.Jobs;

namespace Spn.Orleans.Silo;

/// <summary>What traces and metrics see of the jobs of a silo: an <see cref="ActivitySource"/> and a <see cref="Meter"/>.</summary>
internal static class JobTelemetry
{
    /// <summary>The name of the source and the meter.</summary>
    public const string Name = "Spn.Orleans";

    private static readonly string? s_version = typeof(JobTelemetry).Assembly.GetName().Version?.ToString();
    private static readonly ActivitySource s_source = new(Name, s_version);
    private static readonly Meter s_meter = new(Name, s_version);

    private static readonly Counter<long> s_items = s_meter.CreateCounter<long>(
        "spn.jobs.items", "{item}", "Items that were refined, found or given up, by their status.");

    private static readonly UpDownCounter<long> s_shards = s_meter.CreateUpDownCounter<long>(
        "spn.jobs.shards", "{shard}", "Shards that this silo works on.");

    /// <summary>A shard of a job runs until the result is disposed.</summary>
    public static IDisposable? Start(Job job, int shard)
        => s_source.StartActivity("refine shard")?.SetTag("spn.job", job.Folder).SetTag("spn.shard", shard);

    /// <summary>An item has a result.</summary>
    public static void Count(ItemStatus status) => s_items.Add(1, new KeyValuePair<string, object?>("spn.status", status switch
    {
        ItemStatus.Done => "done",
        ItemStatus.Skipped => "skipped",
        _ => "failed",
    }));

    /// <summary>Shards begin, or end.</summary>
    public static void CountShards(int change) => s_shards.Add(change);
}

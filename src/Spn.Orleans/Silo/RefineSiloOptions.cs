namespace Spn.Orleans;

/// <summary>How a silo works on jobs.</summary>
public sealed class RefineSiloOptions
{
    /// <summary>
    /// The maximum number of masks that are refined at a time, 1 or more; default: one per processor. Fewer need less memory.
    /// </summary>
    public int MaxConcurrency { get; set; } = Environment.ProcessorCount;

    /// <summary>
    /// The number of shards that a silo works on at a time, 1 or more; default 2, so that one goes on while another ends.
    /// </summary>
    public int ShardsPerSilo { get; set; } = 2;

    /// <summary>How often a shard saves its state and reports its counts; default 5 seconds.</summary>
    public TimeSpan SaveInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// After how long without a report a shard is given to another silo; default 1 minute. It must be several times
    /// <see cref="SaveInterval"/>. The shards of a silo that the cluster knows to be dead are given away immediately.
    /// </summary>
    public TimeSpan LeaseTime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a silo without work asks for some; default 2 seconds.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The clock of intervals and leases.</summary>
    internal TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>How long to wait before a file that could not be read or written is tried again.</summary>
    internal IReadOnlyList<TimeSpan> StorageWaits { get; set; } = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10)];
}

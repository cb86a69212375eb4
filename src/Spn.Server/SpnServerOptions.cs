namespace Spn.Server;

/// <summary>The limits and the models of the server. They are read at the start; later changes have no effect.</summary>
public sealed class SpnServerOptions
{
    /// <summary>The maximum size of a request, with all its files, in bytes: 1 to 2 GB; default 64 MB.</summary>
    public long MaxRequestBytes { get; set; } = 64 << 20;

    /// <summary>The maximum number of pixels of an image or mask, 1 to 500 million; default 50 million.</summary>
    public long MaxPixels { get; set; } = 50_000_000;

    /// <summary>
    /// The maximum number of calls that work together, 1 or more; default: the number of processors, at least 2. Each takes memory.
    /// </summary>
    public int MaxCalls { get; set; } = Math.Max(2, Environment.ProcessorCount);

    /// <summary>The maximum number of calls that wait for their turn, 0 or more; default 64. Further ones are refused.</summary>
    public int MaxWaitingCalls { get; set; } = 64;

    /// <summary>
    /// The maximum number of bytes of all uploads in progress and all answers that clients have not read yet, at least
    /// <see cref="MaxRequestBytes"/>; default 512 MB. What does not fit is refused.
    /// </summary>
    public long MaxBufferedBytes { get; set; } = 512 << 20;

    /// <summary>
    /// How long a call may take, with its wait but without its upload: more than 0, at most a day; default one minute.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The models that requests can choose, by names of letters, digits, dots, dashes and underscores, at least one; default
    /// <c>fast</c> and <c>quality</c>. The first is the default of a request.
    /// </summary>
    public OrderedDictionary<string, SpnModel> Models { get; } = new() { ["fast"] = SpnModel.Fast, ["quality"] = SpnModel.Quality };
}

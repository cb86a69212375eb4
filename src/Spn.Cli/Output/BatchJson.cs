using System.Text.Json;
using Spn.Cli.Batch;

namespace Spn.Cli.Output;

/// <summary>The report of <c>spn batch --json</c>.</summary>
/// <param name="Photos">All photos of this run.</param>
/// <param name="Refined">Refined in this run.</param>
/// <param name="Skipped">Done by an earlier run.</param>
/// <param name="Seconds">The time of this run.</param>
/// <param name="Failures">What could not be refined, and why.</param>
internal sealed record BatchJson(int Photos, int Refined, int Skipped, double Seconds, IReadOnlyList<BatchJson.Failure> Failures)
{
    internal sealed record Failure(string Photo, string Reason);

    public static string Of(BatchCounter counter)
        => JsonSerializer.Serialize(
            new BatchJson(
                counter.Total, counter.Refined, counter.Skipped, counter.Elapsed.TotalSeconds,
                [.. counter.Failures.Select(failure => new Failure(failure.Key, failure.Value))]),
            Json.Readable.BatchJson);
}

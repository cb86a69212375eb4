using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Spn.Orleans.Jobs;

/// <summary>
/// The files of a job: <c>job.json</c>, the shards of the manifest in <c>items/</c>, what became of them in <c>results/</c>,
/// <c>summary.json</c>, which is there when the job is finished, and <c>storage-check</c>, if a silo had doubts about its storage.
/// </summary>
internal sealed class JobFolder(IJobStorage storage, string folder)
{
    public Task<Job?> ReadJobAsync(CancellationToken cancellation) => ReadAsync("job.json", JobJson.Default.Job, cancellation);

    public Task WriteJobAsync(Job job, CancellationToken cancellation) => WriteAsync("job.json", [job], JobJson.Readable.Job, cancellation);

    public Task<JobSummary?> ReadSummaryAsync(CancellationToken cancellation)
        => ReadAsync("summary.json", JobJson.Default.JobSummary, cancellation);

    public Task WriteSummaryAsync(JobSummary summary, CancellationToken cancellation)
        => WriteAsync("summary.json", [summary], JobJson.Readable.JobSummary, cancellation);

    /// <exception cref="InvalidDataException">The file is missing or damaged.</exception>
    public async Task<IReadOnlyList<ManifestItem>> ReadItemsAsync(int shard, CancellationToken cancellation)
        => await ReadLinesAsync(Part("items", shard), JobJson.Default.ManifestItem, cancellation).ConfigureAwait(false)
            ?? throw new InvalidDataException($"There is no file '{folder}/{Part("items", shard)}'.");

    public Task WriteItemsAsync(int shard, IReadOnlyList<ManifestItem> items, CancellationToken cancellation)
        => WriteAsync(Part("items", shard), items, JobJson.Readable.ManifestItem, cancellation);

    /// <summary><see langword="null"/> if the shard is not finished.</summary>
    public Task<IReadOnlyList<ResultLine>?> ReadResultsAsync(int shard, CancellationToken cancellation)
        => ReadLinesAsync(Part("results", shard), JobJson.Default.ResultLine, cancellation);

    public Task WriteResultsAsync(int shard, IReadOnlyList<ResultLine> results, CancellationToken cancellation)
        => WriteAsync(Part("results", shard), results, JobJson.Readable.ResultLine, cancellation);

    /// <summary>Whether the storage works: whether the job is there, and a file can be written.</summary>
    /// <param name="job">The job.</param>
    /// <param name="content">What could not be written elsewhere; <see langword="null"/> if something could not be read.</param>
    /// <param name="cancellation">Cancels the call.</param>
    public async Task<bool> IsReachableAsync(Job job, ReadOnlyMemory<byte>? content, CancellationToken cancellation)
    {
        try
        {
            if (await ReadJobAsync(cancellation).ConfigureAwait(false) != job)
                return false;
            if (content is { } bytes)
                await storage.WriteAsync($"{folder}/storage-check", bytes, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private static string Part(string name, int shard) => string.Create(CultureInfo.InvariantCulture, $"{name}/{shard:D6}.jsonl");

    private async Task<T?> ReadAsync<T>(string name, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
        => await ReadLinesAsync(name, type, cancellation).ConfigureAwait(false) is { } lines
            ? lines is [{ } value] ? value : throw new InvalidDataException($"'{folder}/{name}' is damaged: expected one line.")
            : null;

    private async Task<IReadOnlyList<T>?> ReadLinesAsync<T>(string name, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        if (await storage.ReadAsync($"{folder}/{name}", cancellation).ConfigureAwait(false) is not { } content)
            return null;
        try
        {
            return [.. Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonSerializer.Deserialize(line, type) ?? throw new JsonException("A line is null."))];
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{folder}/{name}' is damaged: {e.Message}", e);
        }
    }

    private Task WriteAsync<T>(string name, IReadOnlyList<T> values, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        StringBuilder lines = new();
        foreach (T value in values)
            lines.Append(JsonSerializer.Serialize(value, type)).Append('\n');
        return storage.WriteAsync($"{folder}/{name}", Encoding.UTF8.GetBytes(lines.ToString()), cancellation);
    }
}

using Microsoft.Extensions.Options;
using Spn.Orleans.Jobs;
using Spn.Shared;

namespace Spn.Orleans.Refinement;

/// <inheritdoc cref="IItemRefiner"/>
internal sealed class ItemRefiner(IJobStorage storage, IOptions<RefineSiloOptions> options) : IItemRefiner, IDisposable
{
    // Storage fails now and then without fault of the item.
    private static readonly TimeSpan[] s_retries = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10)];

    private readonly SemaphoreSlim _turns = new(options.Value.MaxConcurrency);
    private readonly SemaphoreSlim _loading = new(1);
    private readonly Dictionary<(RefineJobOptions, string), JobRefiner> _refiners = [];

    public async Task<ItemResult> RefineAsync(Job job, ManifestItem item, CancellationToken cancellation)
    {
        JobRefiner refiner = await LoadAsync(job, cancellation).ConfigureAwait(false);
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return await RefineAsync(refiner, item, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException && (IsFinal(e) || attempt == s_retries.Length))
            {
                return ItemResult.Failed(Describe(e));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Another attempt follows.
            }
            await Task.Delay(s_retries[attempt], cancellation).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        foreach (JobRefiner refiner in _refiners.Values)
            refiner.Dispose();
        _turns.Dispose();
        _loading.Dispose();
    }

    private async Task<ItemResult> RefineAsync(JobRefiner refiner, ManifestItem item, CancellationToken cancellation)
    {
        byte[] image = await ReadAsync(item.Image, cancellation).ConfigureAwait(false);
        byte[] mask = await ReadAsync(item.Mask, cancellation).ConfigureAwait(false);
        string madeOf = refiner.Fingerprint.Of(image, mask);
        if (await storage.ReadAsync(item.Output, cancellation).ConfigureAwait(false) is { } found
            && PngText.Find(found, Fingerprint.Keyword) == madeOf)
        {
            return ItemResult.Skipped(ContentHash.Of(found));
        }
        byte[] png;
        await _turns.WaitAsync(cancellation).ConfigureAwait(false); // others read and write their files meanwhile
        try
        {
            ReadOnlyMemory<byte> refined = await refiner.RefineAsync(image, mask, cancellation).ConfigureAwait(false);
            png = PngText.Add(refined.Span, Fingerprint.Keyword, madeOf);
        }
        finally
        {
            _turns.Release();
        }
        await storage.WriteAsync(item.Output, png, cancellation).ConfigureAwait(false);
        return ItemResult.Done(ContentHash.Of(png));
    }

    private async Task<byte[]> ReadAsync(string path, CancellationToken cancellation)
        => await storage.ReadAsync(path, cancellation).ConfigureAwait(false)
            ?? throw new FileNotFoundException($"There is no file '{path}'.");

    private async Task<JobRefiner> LoadAsync(Job job, CancellationToken cancellation)
    {
        await _loading.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (!_refiners.TryGetValue((job.Options, job.ModelHash), out JobRefiner? refiner))
            {
                refiner = await JobRefiner.LoadAsync(job, storage, options.Value.MaxConcurrency).ConfigureAwait(false);
                _refiners.Add((job.Options, job.ModelHash), refiner);
            }
            return refiner;
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Whether another attempt would end in the same way.</summary>
    private static bool IsFinal(Exception e)
        => e is ArgumentException or InvalidDataException or InvalidOperationException or NotSupportedException
            or FileNotFoundException or DirectoryNotFoundException or PathTooLongException or UnauthorizedAccessException;

    private static string Describe(Exception e)
        => e is ArgumentException { ParamName: { } parameter }
            ? e.Message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal)
            : e.Message;
}

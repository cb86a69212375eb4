using Microsoft.Extensions.Options;
using Spn.Orleans.Jobs;
using Spn.Shared;

namespace Spn.Orleans.Refinement;

/// <inheritdoc cref="IItemRefiner"/>
internal sealed class ItemRefiner(IJobStorage storage, IOptions<RefineSiloOptions> options) : IItemRefiner, IDisposable
{
    private readonly PatientStorage _files = new(storage, options.Value.StorageWaits);
    private readonly JobRefiners _refiners = new(storage, options);
    private readonly SemaphoreSlim _turns = new(options.Value.MaxConcurrency);

    public async Task<ItemResult> RefineAsync(Job job, ManifestItem item, CancellationToken cancellation)
    {
        using JobRefiners.Use use = await _refiners.TakeAsync(job, cancellation).ConfigureAwait(false);
        byte[]? png = null;
        try
        {
            byte[] image = await _files.ReadAsync(item.Image, cancellation).ConfigureAwait(false);
            byte[] mask = await _files.ReadAsync(item.Mask, cancellation).ConfigureAwait(false);
            string madeOf = use.Refiner.Fingerprint.Of(image, mask);
            if (await _files.FindAsync(item.Output, cancellation).ConfigureAwait(false) is { } found
                && PngText.Find(found, Fingerprint.Keyword) == madeOf)
            {
                return ItemResult.Skipped(ContentHash.Of(found));
            }
            png = PngText.Add(
                await RefineAsync(use.Refiner, image, mask, cancellation).ConfigureAwait(false), Fingerprint.Keyword, madeOf);
            await _files.WriteAsync(item.Output, png, cancellation).ConfigureAwait(false);
            return ItemResult.Done(ContentHash.Of(png));
        }
        catch (StorageException e)
        {
            // A silo whose storage is away must not fail one item after another.
            if (!await new JobFolder(storage, job.Folder).IsReachableAsync(job, png, cancellation).ConfigureAwait(false))
                throw new JobProblemException($"The storage fails: {e.Message}", e);
            return ItemResult.Failed((e.InnerException ?? e).Plain());
        }
        catch (Exception e) when (IsFaultOfItem(e) && !cancellation.IsCancellationRequested)
        {
            return ItemResult.Failed(e.Plain());
        }
    }

    public void Dispose()
    {
        _refiners.Dispose();
        _turns.Dispose();
    }

    private async Task<byte[]> RefineAsync(JobRefiner refiner, byte[] image, byte[] mask, CancellationToken cancellation)
    {
        await _turns.WaitAsync(cancellation).ConfigureAwait(false); // others read and write their files meanwhile
        try
        {
            return await refiner.RefineAsync(image, mask, cancellation).ConfigureAwait(false);
        }
        catch (Exception e)
            when (e is TypeInitializationException or TypeLoadException or BadImageFormatException or MissingMemberException)
        {
            throw new JobProblemException($"Spn is not complete on this machine: {e.Message}", e);
        }
        finally
        {
            _turns.Release();
        }
    }

    private static bool IsFaultOfItem(Exception e) => e is not (JobProblemException or OutOfMemoryException);
}

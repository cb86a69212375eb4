using System.IO.Hashing;
using Orleans;
using Spn.Orleans.Grains;
using Spn.Orleans.Jobs;
using Spn.Orleans.Refinement;
using Spn.Orleans.Storage;
using Spn.Shared;

namespace Spn.Orleans;

/// <summary>Submits jobs to a cluster and follows them. Thread-safe.</summary>
/// <param name="grains">A client of the cluster, or a silo.</param>
/// <param name="storage">The storage of the silos.</param>
public sealed class RefineJobs(IGrainFactory grains, IJobStorage storage)
{
    /// <summary>The name of the grain storage that every silo must have, for example by <c>AddMemoryGrainStorage</c>.</summary>
    public const string GrainStorageName = "spn";

    // A shard's state holds the reasons of its failures, and a job's state a bit per shard; both are written again and again.
    private const int MaxShardSize = 10_000, MaxShards = 100_000;

    /// <summary>
    /// Submits a job. The manifest is checked and copied into the job's folder first. A job that was submitted before is not changed, so
    /// the call can be repeated.
    /// </summary>
    /// <param name="manifest">
    /// A file on this machine with a line of JSON per mask: <c>{"image": "a.jpg", "mask": "a.png", "output": "refined/a.png"}</c>, with
    /// paths in the storage.
    /// </param>
    /// <param name="folder">The job's folder in the storage, for its shards and results. It is also the job's name.</param>
    /// <param name="options">How masks are refined.</param>
    /// <param name="shardSize">The number of items of a shard, 1 to 10,000; default 1,000. A shard is refined by one silo.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="InvalidDataException">
    /// The manifest or the model's file is wrong, an output is named twice, it would overwrite an input, or there are more than 100,000
    /// shards.
    /// </exception>
    /// <exception cref="InvalidOperationException">The folder belongs to another job.</exception>
    public async Task SubmitAsync(
        string manifest, string folder, RefineJobOptions options, int shardSize = 1000, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(shardSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shardSize, MaxShardSize);
        string name = StoragePath.Normalize(folder);

        ManifestFile file = new(manifest);
        await file.CheckAsync(name, cancellation).ConfigureAwait(false);
        if (file.Items > (long)shardSize * MaxShards)
        {
            throw new InvalidDataException(
                $"{file.Items} items in shards of {shardSize} are too many shards. Expected at most {MaxShards}; choose larger ones.");
        }
        Job job = new(
            name, file.Items, shardSize, file.Hash, await HashOfAsync(options.Model, cancellation).ConfigureAwait(false),
            Fingerprint.Version, options);
        JobFolder files = new(storage, name);
        Job? submitted = await files.ReadJobAsync(cancellation).ConfigureAwait(false);
        if (submitted is not null && submitted != job)
        {
            throw new InvalidOperationException(
                $"The folder '{name}' belongs to a job with another manifest, other options or another version; choose another one.");
        }
        if (submitted is null)
        {
            int shard = 0;
            XxHash128 copied = new();
            await foreach (ManifestItem[] items in file.ReadAsync(cancellation).Chunk(shardSize).ConfigureAwait(false))
            {
                Array.ForEach(items, item => ManifestFile.Append(copied, item));
                await files.WriteItemsAsync(shard++, items, cancellation).ConfigureAwait(false);
            }
            if (Convert.ToHexStringLower(copied.GetCurrentHash()) != job.Manifest)
                throw new InvalidDataException($"The manifest '{manifest}' changed while it was submitted.");
            await files.WriteJobAsync(job, cancellation).ConfigureAwait(false); // last, so that it stands for complete shards
        }
        await grains.GetGrain<IJobGrain>(name).SubmitAsync(job).WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>How far a job is; <see langword="null"/> if there is no such job.</summary>
    /// <param name="folder">The job's folder.</param>
    public Task<RefineJobStatus?> GetStatusAsync(string folder) => Grain(folder).GetStatusAsync();

    /// <summary>Stops a job. Silos leave it within seconds, and masks that are refined at that time are finished or left out.</summary>
    /// <param name="folder">The job's folder.</param>
    /// <exception cref="InvalidOperationException">There is no such job, or it is finished.</exception>
    public Task CancelAsync(string folder) => Grain(folder).CancelAsync();

    /// <summary>Goes on with a cancelled job.</summary>
    /// <param name="folder">The job's folder.</param>
    /// <exception cref="InvalidOperationException">There is no such job.</exception>
    public Task ResumeAsync(string folder) => Grain(folder).ResumeAsync();

    private IJobGrain Grain(string folder) => grains.GetGrain<IJobGrain>(StoragePath.Normalize(folder));

    private async Task<string> HashOfAsync(string model, CancellationToken cancellation)
    {
        if (BuiltInModel.Find(model) is not null)
            return "";
        byte[] content = await storage.ReadAsync(model, cancellation).ConfigureAwait(false)
            ?? throw new InvalidDataException($"There is no model '{model}'. Expected Fast, Quality, or the path of a .safetensors file.");
        return ContentHash.Of(content);
    }
}

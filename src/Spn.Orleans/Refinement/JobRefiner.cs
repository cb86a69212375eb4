using Spn.Orleans.Jobs;
using Spn.Shared;

namespace Spn.Orleans.Refinement;

/// <summary>The refiner of a job on one silo. Thread-safe.</summary>
internal sealed class JobRefiner : IDisposable
{
    // The library's maximum, as for 'spn batch'. What does not fit into memory is refused with a message.
    private const long PixelLimit = 500_000_000;

    private readonly RefineJobOptions _options;
    private readonly Refiner _refiner;

    private JobRefiner(RefineJobOptions options, SpnModel model, int concurrency)
    {
        _options = options;
        Fingerprint = new Fingerprint(
            model, options.IsHard, options.IsLimited, options.AreLabels, options.Mask, areCutOuts: false, options.FallsBack);
        RefinerBuilder builder = SpnRefiner.Configure()
            .OnCpu() // the outputs are the same on every machine
            .WithModel(model)
            .WithPixelLimit(PixelLimit)
            .WithMaxConcurrentCalls(concurrency)
            .WithMaxThreads(Math.Max(1, Environment.ProcessorCount / concurrency));
        if (options.IsHard)
            builder.WithHardOutput();
        if (options.IsLimited)
            builder.WithChangeLimit();
        if (options.FallsBack)
            builder.WithFallback();
        _refiner = builder.Build();
    }

    public Fingerprint Fingerprint { get; }

    /// <summary>Loads the model of a job.</summary>
    /// <exception cref="JobProblemException">
    /// There is no such model, or it is not the one that was submitted, or this silo has another version of Spn.
    /// </exception>
    public static async Task<JobRefiner> LoadAsync(Job job, IJobStorage storage, int concurrency)
    {
        if (job.Version != Fingerprint.Version)
            throw new JobProblemException($"The job was submitted with Spn {job.Version}; this silo has {Fingerprint.Version}.");
        if (BuiltInModel.Find(job.Options.Model) is { } builtIn)
            return new JobRefiner(job.Options, builtIn, concurrency);
        string copy = Path.Combine(Path.GetTempPath(), $"spn-{Guid.NewGuid():N}.safetensors"); // models load from files only
        try
        {
            byte[] content = await storage.ReadAsync(job.Options.Model, CancellationToken.None).ConfigureAwait(false)
                ?? throw new JobProblemException($"There is no model '{job.Options.Model}'.");
            if (ContentHash.Of(content) != job.ModelHash)
                throw new JobProblemException($"The model '{job.Options.Model}' has changed since the job was submitted.");
            await File.WriteAllBytesAsync(copy, content).ConfigureAwait(false);
            return new JobRefiner(job.Options, SpnModel.Load(copy), concurrency);
        }
        catch (Exception e) when (e is not JobProblemException)
        {
            throw new JobProblemException($"The model '{job.Options.Model}' cannot be loaded: {e.Message}", e);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    /// <summary>The refined mask as a PNG without a fingerprint.</summary>
    public async Task<byte[]> RefineAsync(byte[] image, byte[] mask, CancellationToken cancellation)
    {
        using MemoryStream file = new();
        if (_options.AreLabels)
        {
            LabelMap coarse = LabelMap.Load(mask, _options.Mask.Colors, PixelLimit);
            LabelMap labels = await _refiner.RefineAsync(image, coarse, cancellation).ConfigureAwait(false);
            labels.Save(file);
        }
        else
        {
            Mask refined = await _refiner.RefineAsync(image, MaskInput.From(mask).With(_options.Mask), cancellation).ConfigureAwait(false);
            refined.Save(file, MaskFormat.Png);
        }
        return file.ToArray();
    }

    public void Dispose() => _refiner.Dispose();
}

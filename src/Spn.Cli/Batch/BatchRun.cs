using Spn.Cli.Files;
using Spn.Cli.Output;
using Spn.Shared;

namespace Spn.Cli.Batch;

/// <summary>Refines the pairs of a batch with one refiner, several at a time.</summary>
internal sealed class BatchRun : IDisposable
{
    private readonly RefineSettings _settings;
    private readonly bool _areCutOuts;
    private readonly int _jobs;
    private readonly bool _isForced;
    private readonly Refiner _refiner;
    private readonly Fingerprint _fingerprint;

    /// <param name="settings">How masks are refined.</param>
    /// <param name="areCutOuts">Whether the outputs are cut-outs in place of masks.</param>
    /// <param name="jobs">How many photos are refined at a time.</param>
    /// <param name="isForced">Whether photos that are done are refined again.</param>
    public BatchRun(RefineSettings settings, bool areCutOuts, int jobs, bool isForced)
    {
        (_settings, _areCutOuts, _jobs, _isForced) = (settings, areCutOuts, jobs, isForced);
        _refiner = settings.Build(jobs);
        _fingerprint = new Fingerprint(
            settings.Model, settings.IsHard, settings.IsLimited, settings.AreLabels, settings.Mask, areCutOuts, settings.FallsBack);
    }

    public void Dispose() => _refiner.Dispose();

    /// <summary>Refines the pairs. A pair that cannot be refined is counted, and the others go on.</summary>
    /// <exception cref="OperationCanceledException">The run was cancelled. Outputs are complete or absent.</exception>
    public Task RunAsync(IReadOnlyList<PhotoPair> pairs, BatchCounter counter, CancellationToken cancellation)
        => Parallel.ForEachAsync(
            pairs, new ParallelOptions { MaxDegreeOfParallelism = _jobs, CancellationToken = cancellation },
            async (pair, stop) => await RefineAsync(pair, counter, stop).ConfigureAwait(false));

    private async Task RefineAsync(PhotoPair pair, BatchCounter counter, CancellationToken cancellation)
    {
        if (pair.Obstacle is not null)
        {
            counter.AddFailure(pair.Name, pair.Obstacle);
            return;
        }
        InputFile? photo = null, mask = null;
        try
        {
            photo = await InputFile.ReadAsync(pair.Photo, isMask: false, cancellation).ConfigureAwait(false);
            mask = await InputFile.ReadAsync(pair.Mask!, isMask: true, cancellation).ConfigureAwait(false);
            string madeOf = _fingerprint.Of(photo.Bytes.Span, mask.Bytes.Span);
            if (!_isForced && PngText.Find(pair.Output, Fingerprint.Keyword) == madeOf)
            {
                counter.AddSkipped();
                return;
            }
            RefinedFile refined =
                await RefinedFile.RefineAsync(_refiner, _settings, photo, mask, progress: null, cancellation).ConfigureAwait(false);
            ReadOnlyMemory<byte> written = _areCutOuts
                ? await refined.CutOutAsync(photo, cancellation).ConfigureAwait(false)
                : refined.Encode(MaskFormat.Png);
            byte[] png = PngText.Add(written.Span, Fingerprint.Keyword, madeOf);
            await OutputFile.WriteAsync(pair.Output, png, cancellation).ConfigureAwait(false);
            counter.AddRefined();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            InputFile[] read = [.. new[] { photo, mask }.OfType<InputFile>()];
            string reason = Failure.Describe(e, read);
            if (!Failure.IsExpected(e))
                reason = $"Unexpected {e.GetType().Name}: {reason}";
            if (e is InsufficientMemoryException or OutOfMemoryException && _jobs > 1)
                reason += " Try --jobs 1.";
            counter.AddFailure(pair.Name, reason);
        }
    }
}

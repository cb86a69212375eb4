using System.Diagnostics;

namespace Spn.Refinement;

/// <summary>The stages of a refinement, in the order of <see cref="RefineTimings"/>.</summary>
internal enum Stage
{
    Input,
    Guidance,
    Propagation,
    Output,
}

/// <summary>Times each stage, reports progress, and observes cancellation at the boundaries between stages.</summary>
/// <param name="measured">A <see cref="RefineReport"/> is wanted.</param>
/// <param name="progress">Notified when a stage ends.</param>
/// <param name="image">The position of the pair in its sequence.</param>
/// <param name="cancellation">Stops the work.</param>
internal sealed class Stages(
    bool measured = false, IProgress<RefineProgress>? progress = null, int image = 0, CancellationToken cancellation = default)
{
    private readonly TimeSpan[] _spent = new TimeSpan[4];
    private long _since = Stopwatch.GetTimestamp();
    private int _ended;

    public bool Measured => measured;

    public CancellationToken Cancellation => cancellation;

    /// <summary>The number of pixels of the image, known once it is read.</summary>
    public int Pixels { get; set; }

    /// <summary>The number of masks, labels or classes.</summary>
    public int Masks { get; set; }

    /// <summary>The number of tiles, known when the input stage ends. Each has a guidance and a propagation stage.</summary>
    public int Tiles { get; set; } = 1;

    /// <summary>The number of tiles of the image that were not computed, because the coarse pass decided them.</summary>
    public int SkippedTiles { get; set; }

    /// <summary>What was found about each mask, if anybody asked.</summary>
    public MaskVerdict[] Verdicts { get; set; } = [];

    public RefineTimings Timings => new(_spent[0], _spent[1], _spent[2], _spent[3]);

    /// <summary>The stages of a pipeline within a stage: cancelled with this call, but neither timed nor reported.</summary>
    public Stages WithoutReporting() => new(cancellation: cancellation);

    /// <summary>Ends a stage.</summary>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public void End(Stage stage)
    {
        cancellation.ThrowIfCancellationRequested();
        long now = Stopwatch.GetTimestamp();
        _spent[(int)stage] += Stopwatch.GetElapsedTime(_since, now);
        _since = now;
        _ended++;
        progress?.Report(new RefineProgress(image, _ended / (2.0 + 2 * Tiles)));
    }

    /// <summary>Ends all stages before the output that have not ended, because there was nothing to refine.</summary>
    public void EndSkipped()
    {
        while (_ended < 1 + 2 * Tiles)
            End(_ended == 0 ? Stage.Input : Stage.Propagation);
    }
}

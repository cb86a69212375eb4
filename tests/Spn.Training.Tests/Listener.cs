using Spn.Training;

namespace Spn.Training.Tests;

/// <summary>Hears of progress on the training's own thread, at once.</summary>
internal sealed class Listener(Action<TrainingProgress> tell) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => tell(value);
}

using Spn.Training;

namespace Spn.Tests.Training;

/// <summary>Hears of progress on the training's own thread, at once.</summary>
internal sealed class Listener(Action<TrainingProgress> tell) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => tell(value);
}

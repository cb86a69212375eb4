using Spn.Training;

namespace Spn.Training.Tests;

/// <summary>Receives progress immediately, on the thread of the training.</summary>
internal sealed class Listener(Action<TrainingProgress> tell) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => tell(value);
}

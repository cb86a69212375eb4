using System.Globalization;
using Spn.Torch;
using Spn.Weights;
using TorchSharp;

namespace Spn.Training.Optimization;

/// <summary>
/// The complete state of a training, from which it resumes exactly: named vectors, the step, and the model and schedule to which it
/// belongs.
/// </summary>
internal static class Checkpoint
{
    private const string StepKey = "spn.training.step", LossKey = "spn.training.loss", LossStepsKey = "spn.training.loss_steps";

    /// <summary>Writes the file atomically.</summary>
    public static void Save(
        string path, IReadOnlyDictionary<string, torch.Tensor> state, TrainingPosition position, IReadOnlyDictionary<string, string> about)
    {
        Dictionary<string, string> metadata = new(about);
        metadata[StepKey] = position.Step.ToString(CultureInfo.InvariantCulture);
        if (position.LossSteps > 0)
        {
            metadata[LossKey] = position.Loss.ToString("R", CultureInfo.InvariantCulture);
            metadata[LossStepsKey] = position.LossSteps.ToString(CultureInfo.InvariantCulture);
        }
        SafetensorsWriter.Write(path, state, metadata);
    }

    /// <summary>Loads the vectors and returns the position of the training.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, is not a checkpoint, or belongs to another training.</exception>
    public static TrainingPosition Load(
        string path, IReadOnlyDictionary<string, torch.Tensor> state, IReadOnlyDictionary<string, string> about)
    {
        using var file = SafetensorsFile.Open(path);
        TrainingPosition position = new(Number(StepKey)
            ?? throw new InvalidDataException($"'{path}' is not a checkpoint: its metadata has no '{StepKey}'."));
        if (Number(LossStepsKey) is int lossSteps
            && float.TryParse(file.Metadata.GetValueOrDefault(LossKey), CultureInfo.InvariantCulture, out float loss))
            position = position with { Loss = loss, LossSteps = lossSteps };
        foreach ((string key, string value) in about)
        {
            if (file.Metadata.GetValueOrDefault(key) != value)
            {
                throw new InvalidDataException(
                    $"'{path}' belongs to another training: its {key} is '{file.Metadata.GetValueOrDefault(key)}', expected '{value}'.");
            }
        }
        foreach ((string name, torch.Tensor target) in state)
        {
            if (!file.Entries.TryGetValue(name, out SafetensorsEntry? entry) || entry.Dtype != "F32"
                || !entry.Shape.SequenceEqual(target.shape))
                throw new InvalidDataException(
                    $"'{path}' has no tensor '{name}' of type F32 and shape [{string.Join(", ", target.shape)}].");
        }

        using var noGrad = torch.no_grad();
        foreach ((string name, torch.Tensor target) in state)
        {
            using torch.Tensor stored = file.Read(name);
            target.copy_(stored);
        }
        return position;

        int? Number(string key)
            => int.TryParse(file.Metadata.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                ? number
                : null;
    }
}

/// <summary>The position of a training.</summary>
/// <param name="Step">The number of completed steps.</param>
/// <param name="Loss">The sum of the losses since the last report.</param>
/// <param name="LossSteps">The number of steps since the last report; 0 immediately after a report.</param>
internal readonly record struct TrainingPosition(int Step, float Loss = 0, int LossSteps = 0);

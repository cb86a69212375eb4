using System.Globalization;
using Spn.Guidance;
using Spn.Weights;
using TorchSharp;

namespace Spn.Training.Optimization;

/// <summary>All that a training needs to go on as if it had never stopped: vectors by name, the step, and the model's configuration.</summary>
internal static class Checkpoint
{
    private const string StepKey = "spn.training.step";

    /// <summary>Writes the file, whole or not at all.</summary>
    public static void Save(string path, IReadOnlyDictionary<string, torch.Tensor> state, int step, SpnConfiguration configuration)
    {
        Dictionary<string, string> metadata = configuration.ToMetadata();
        metadata[StepKey] = step.ToString(CultureInfo.InvariantCulture);
        SafetensorsWriter.Write(path, state, metadata);
    }

    /// <summary>Fills the vectors; the step to go on with.</summary>
    /// <exception cref="InvalidDataException">The file is broken, no checkpoint, or one of another model.</exception>
    public static int Load(string path, IReadOnlyDictionary<string, torch.Tensor> state, SpnConfiguration configuration)
    {
        using var file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue(StepKey, out string? text) || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int step))
            throw new InvalidDataException($"'{path}' is no checkpoint: its metadata has no '{StepKey}'.");
        foreach ((string key, string value) in configuration.ToMetadata())
        {
            if (file.Metadata.GetValueOrDefault(key) != value)
                throw new InvalidDataException($"'{path}' belongs to another model: its {key} is '{file.Metadata.GetValueOrDefault(key)}', expected '{value}'.");
        }
        foreach ((string name, torch.Tensor target) in state)
        {
            if (!file.Entries.TryGetValue(name, out SafetensorsEntry? entry) || !entry.Shape.SequenceEqual(target.shape))
                throw new InvalidDataException($"'{path}' has no '{name}' of shape [{string.Join(", ", target.shape)}].");
        }

        using var noGrad = torch.no_grad();
        foreach ((string name, torch.Tensor target) in state)
        {
            using torch.Tensor stored = file.Read(name);
            target.copy_(stored);
        }
        return step;
    }
}

using Spn.Torch;
using Spn.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Segmentation.Torch.Layers;

/// <summary>Copies a part of a weight file with torchvision's names into a network.</summary>
internal static class PretrainedWeights
{
    private static readonly string[] s_types = ["F16", "BF16", "F32", "F64"];

    /// <summary>Loads tensors. If anything does not fit, nothing is changed.</summary>
    /// <param name="path">The safetensors file.</param>
    /// <param name="targets">The tensors to overwrite, by their names in the file. A view may stand for a tensor of another shape.</param>
    /// <param name="ignore">Whether a name in the file has no place in the network.</param>
    /// <exception cref="InvalidDataException">A name is missing or unexpected, or a shape or a type differs.</exception>
    public static void Load(string path, IReadOnlyDictionary<string, Tensor> targets, Func<string, bool> ignore)
    {
        using var file = SafetensorsFile.Open(path);
        List<string> problems = [.. file.Entries.Keys
            .Where(name => !targets.ContainsKey(name) && !ignore(name))
            .Order(StringComparer.Ordinal).Select(name => $"unexpected: {name}")];
        foreach ((string name, Tensor target) in targets)
        {
            string expected = $"[{string.Join(", ", target.shape)}]";
            if (!file.Entries.TryGetValue(name, out SafetensorsEntry? entry))
                problems.Add($"missing: {name} {expected}");
            else if (!entry.Shape.SequenceEqual(target.shape))
                problems.Add($"shape: {name} is [{string.Join(", ", entry.Shape)}], expected {expected}");
            else if (!s_types.Contains(entry.Dtype))
                problems.Add($"type: {name} is {entry.Dtype}, expected one of {string.Join(", ", s_types)}");
        }
        if (problems.Count > 0)
            throw new InvalidDataException($"The weights in '{path}' do not fit:\n  {string.Join("\n  ", problems.Take(20))}");

        using IDisposable noGradient = no_grad();
        foreach ((string name, Tensor target) in targets)
        {
            using Tensor stored = file.Read(name);
            target.copy_(stored);
        }
    }
}

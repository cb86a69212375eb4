using Spn.Weights;
using TorchSharp;

namespace Spn.Torch;

/// <summary>
/// Saves the parameters and buffers of a module to safetensors files and loads them. The names are those that PyTorch would use. Not
/// thread-safe for one module.
/// </summary>
public static class ModuleWeights
{
    private const int ListedProblems = 20;

    /// <summary>Saves all parameters and buffers of a module.</summary>
    /// <param name="module">The module.</param>
    /// <param name="path">The file. An existing file is replaced only when the new one is complete.</param>
    /// <param name="metadata">Strings for <c>__metadata__</c>, or <see langword="null"/> for none.</param>
    /// <exception cref="ArgumentException">
    /// The path is empty, a string is not valid Unicode, or the format does not support an element type.
    /// </exception>
    public static void SaveWeights(this torch.nn.Module module, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        SafetensorsWriter.Write(path, module.state_dict(), metadata);
    }

    /// <summary>
    /// Loads all parameters and buffers of a module from a file and converts them to the type and device of the module's tensors. Except
    /// for ignored names, the file must contain exactly the names and shapes of the module; otherwise nothing is changed.
    /// </summary>
    /// <param name="module">The module.</param>
    /// <param name="file">The open file.</param>
    /// <param name="prefix">The prefix of the module's names in the file. Default: none. Names without the prefix are unexpected.</param>
    /// <param name="ignore">
    /// Returns <see langword="true"/> for names in the file that do not belong to this module; <see langword="null"/> (default) ignores
    /// none.
    /// </param>
    /// <exception cref="InvalidDataException">
    /// Names are missing or unexpected, shapes differ, or TorchSharp does not support a stored type; the message lists the differences.
    /// </exception>
    public static void LoadWeights(this torch.nn.Module module, SafetensorsFile file, string prefix = "", Func<string, bool>? ignore = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(file);

        Dictionary<string, torch.Tensor> state = module.state_dict().ToDictionary(s => prefix + s.Key, s => s.Value);
        List<string> problems = Problems(state, file, ignore);
        if (problems.Count > 0)
        {
            string more = problems.Count > ListedProblems ? $"\n  … and {problems.Count - ListedProblems} more" : "";
            string listed = string.Join("\n  ", problems.Take(ListedProblems));
            throw new InvalidDataException($"The weights in '{file.Path}' do not fit {module.GetName()}:\n  {listed}{more}");
        }

        using var noGrad = torch.no_grad();
        foreach ((string name, torch.Tensor target) in state)
        {
            using torch.Tensor stored = file.Read(name);
            target.copy_(stored);
        }
        module.train(module.training); // clears anything that the module has derived from its old weights
    }

    private static List<string> Problems(Dictionary<string, torch.Tensor> state, SafetensorsFile file, Func<string, bool>? ignore)
    {
        var problems = new List<string>();
        foreach ((string name, torch.Tensor target) in state.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            if (!file.Entries.TryGetValue(name, out SafetensorsEntry? entry))
                problems.Add($"missing: {name} [{string.Join(", ", target.shape)}]");
            else if (!entry.Shape.SequenceEqual(target.shape))
                problems.Add($"shape: {name} is [{string.Join(", ", entry.Shape)}], expected [{string.Join(", ", target.shape)}]");
            else if (TensorDtypes.Of(entry.Dtype) is null)
                problems.Add($"type: {name} is {entry.Dtype}, which TorchSharp does not support");
        }
        problems.AddRange(file.Entries.Keys
            .Where(name => !state.ContainsKey(name) && ignore?.Invoke(name) != true)
            .Order(StringComparer.Ordinal)
            .Select(name => $"unexpected: {name}"));
        return problems;
    }
}

using TorchSharp;

namespace Spn.Weights;

/// <summary>A module's parameters and buffers to and from safetensors files, by the names that PyTorch would give them.</summary>
public static class ModuleWeights
{
    private const int ListedProblems = 20;

    /// <summary>Writes every parameter and buffer of a module.</summary>
    /// <param name="module">The module.</param>
    /// <param name="path">The file; an existing one is replaced, and only once the new one is complete.</param>
    /// <param name="metadata">Strings for <c>__metadata__</c>, or <see langword="null"/> for none.</param>
    public static void SaveWeights(this torch.nn.Module module, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        SafetensorsWriter.Write(path, module.state_dict(), metadata);
    }

    /// <summary>
    /// Fills every parameter and buffer of a module from a file, converted to the parameter's type and device. Strict: the file must hold
    /// exactly the module's names and shapes, apart from ignored names, and nothing is changed unless all fits.
    /// </summary>
    /// <param name="module">The module.</param>
    /// <param name="file">The open file.</param>
    /// <param name="prefix">What the file's names begin with before the module's own; names without it are unexpected.</param>
    /// <param name="ignore">Says which of the file's names are not meant for this module; <see langword="null"/> ignores none.</param>
    /// <exception cref="InvalidDataException">Names are missing or unexpected, or shapes differ; the message lists them.</exception>
    public static void LoadWeights(this torch.nn.Module module, SafetensorsFile file, string prefix = "", Func<string, bool>? ignore = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(file);

        Dictionary<string, torch.Tensor> state = module.state_dict().ToDictionary(s => prefix + s.Key, s => s.Value);
        List<string> problems = Problems(state, file, ignore);
        if (problems.Count > 0)
        {
            string more = problems.Count > ListedProblems ? $"\n  … and {problems.Count - ListedProblems} more" : "";
            throw new InvalidDataException(
                $"The weights in '{file.Path}' do not fit {module.GetName()}:\n  {string.Join("\n  ", problems.Take(ListedProblems))}{more}");
        }

        using var noGrad = torch.no_grad();
        foreach ((string name, torch.Tensor target) in state)
        {
            using torch.Tensor stored = file.Read(name);
            target.copy_(stored);
        }
        module.train(module.training); // what a module has made of its old weights goes
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
            else if (Dtypes.TensorType(entry.Dtype) is null)
                problems.Add($"type: {name} is {entry.Dtype}, which no tensor holds");
        }
        problems.AddRange(file.Entries.Keys
            .Where(name => !state.ContainsKey(name) && ignore?.Invoke(name) != true)
            .Order(StringComparer.Ordinal)
            .Select(name => $"unexpected: {name}"));
        return problems;
    }
}

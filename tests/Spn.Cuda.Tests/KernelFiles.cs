using Spn.Propagation.Cuda;

namespace Spn.Cuda.Tests;

/// <summary>The kernels' files by name, as the library embeds them, or with an edit.</summary>
internal sealed class KernelFiles
{
    private readonly SortedDictionary<string, string> _files;

    private KernelFiles(SortedDictionary<string, string> files) => _files = files;

    public static KernelFiles Embedded { get; } = new(Read());

    public IReadOnlyDictionary<string, string> Files => _files;

    /// <summary>Writes the files into a folder.</summary>
    public void WriteTo(string folder)
    {
        foreach ((string name, string text) in _files)
            File.WriteAllText(Path.Combine(folder, name), text);
    }

    /// <summary>The same with a piece of text replaced, which must be there exactly once.</summary>
    public KernelFiles With(string file, string text, string replacement)
    {
        string source = _files[file];
        int at = source.IndexOf(text, StringComparison.Ordinal);
        if (at < 0 || source.IndexOf(text, at + 1, StringComparison.Ordinal) >= 0)
            throw new ArgumentException($"{file} does not have this text exactly once: {text}");
        return new(new SortedDictionary<string, string>(_files, StringComparer.Ordinal) { [file] = source.Replace(text, replacement, StringComparison.Ordinal) });
    }

    private static SortedDictionary<string, string> Read()
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in typeof(ICudaDevice).Assembly.GetManifestResourceNames())
        {
            if (Path.GetExtension(name) is not (".cu" or ".cuh"))
                continue;
            using var reader = new StreamReader(typeof(ICudaDevice).Assembly.GetManifestResourceStream(name)!);
            files.Add(name, reader.ReadToEnd());
        }

        return files;
    }
}

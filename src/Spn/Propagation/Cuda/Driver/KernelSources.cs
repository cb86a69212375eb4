using System.Reflection;

namespace Spn.Propagation.Cuda.Driver;

/// <summary>The kernels' sources, embedded in the assembly under their file names.</summary>
internal static class KernelSources
{
    private static readonly Lazy<(string Name, string Text)[]> s_headers = new(
        () => [.. Names(".cuh").Select(name => (name, Read(name)))]);

    /// <summary>The headers that the sources include, with their names.</summary>
    public static IReadOnlyList<(string Name, string Text)> Headers => s_headers.Value;

    /// <summary>The text of a source file such as <c>forward.cu</c>.</summary>
    public static string Read(string file)
    {
        using Stream stream = Assembly.GetManifestResourceStream(file)
            ?? throw new FileNotFoundException($"The assembly has no kernel source {file}.", file);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static Assembly Assembly => typeof(KernelSources).Assembly;

    private static IEnumerable<string> Names(string ending)
        => Assembly.GetManifestResourceNames().Where(name => name.EndsWith(ending, StringComparison.Ordinal)).Order(StringComparer.Ordinal);
}

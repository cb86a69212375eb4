namespace Spn.GpuBenchmarks.Device;

/// <summary>The benchmarks' kernels, embedded in the assembly under their file names.</summary>
internal static class Sources
{
    public static string Read(string file)
    {
        using Stream stream = typeof(Sources).Assembly.GetManifestResourceStream(file)
            ?? throw new FileNotFoundException($"The assembly has no kernel source {file}.", file);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

using Spn.Shared;

namespace Spn.Cli.Files;

/// <summary>Files that appear completely or not at all.</summary>
internal static class OutputFile
{
    /// <summary>Writes a file, and its folder if it does not exist. An existing file is replaced.</summary>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        string target = Path.GetFullPath(path), folder = Path.GetDirectoryName(target)!;
        if (File.Exists(folder))
            throw new IOException($"'{path}' cannot be written, because '{folder}' is a file.");
        if (Directory.Exists(target))
            throw new IOException($"'{path}' cannot be written, because it is a folder.");
        Directory.CreateDirectory(folder);
        await AtomicFile.WriteAsync(target, bytes, cancellation).ConfigureAwait(false);
    }

    /// <summary>Refuses outputs that would overwrite an input or each other.</summary>
    /// <exception cref="UsageException">One of them would.</exception>
    public static void RequireDistinct(IEnumerable<string> outputs, IEnumerable<string> inputs)
    {
        HashSet<string> read = new(inputs.Where(IsFile).Select(FullName), StringComparer.OrdinalIgnoreCase);
        HashSet<string> written = new(StringComparer.OrdinalIgnoreCase);
        foreach (string output in outputs.Where(IsFile))
        {
            if (read.Contains(FullName(output)))
                throw new UsageException($"'{output}' would overwrite an input; choose another name.");
            if (!written.Add(FullName(output)))
                throw new UsageException($"'{output}' would be written twice; choose another name for one of them.");
        }
    }

    private static bool IsFile(string name) => name != InputFile.Standard;

    private static string FullName(string path)
    {
        string full = Path.GetFullPath(path); // of a relative path, .NET resolves links wrongly
        return File.Exists(full) && File.ResolveLinkTarget(full, returnFinalTarget: true) is { } target ? target.FullName : full;
    }
}

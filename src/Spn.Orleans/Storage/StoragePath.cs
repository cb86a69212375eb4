namespace Spn.Orleans.Storage;

/// <summary>Paths of a storage, with <c>/</c> on every system. Two paths of the same file are equal after they are normalized.</summary>
internal static class StoragePath
{
    /// <summary>The path without <c>.</c>, <c>..</c> and empty parts.</summary>
    /// <exception cref="ArgumentException">The path is empty or absolute, or leads out of the storage.</exception>
    public static string Normalize(string path)
    {
        if (OperatingSystem.IsWindows())
            path = path.Replace('\\', '/');
        // A file below the root would have two names, so that two outputs could be the same file unnoticed.
        if (Path.IsPathFullyQualified(path) || path.StartsWith('/'))
            throw new ArgumentException($"The path '{path}' is absolute; expected one that is relative to the storage.");
        List<string> parts = [];
        foreach (string part in path.Split('/'))
        {
            if (part == ".." && parts.Count == 0)
                throw new ArgumentException($"The path '{path}' leads out of its storage.");
            if (part == "..")
                parts.RemoveAt(parts.Count - 1);
            else if (part is not ("" or "."))
                parts.Add(part);
        }
        if (parts.Count == 0)
            throw new ArgumentException($"The path '{path}' names no file.");
        return string.Join('/', parts);
    }
}

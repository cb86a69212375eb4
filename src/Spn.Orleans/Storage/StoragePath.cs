namespace Spn.Orleans.Storage;

/// <summary>Paths of a storage, with <c>/</c> on every system. Two paths of the same file are equal after they are normalized.</summary>
internal static class StoragePath
{
    /// <summary>The path without <c>.</c>, <c>..</c> and empty parts.</summary>
    /// <exception cref="ArgumentException">The path is empty, or leads out of the storage.</exception>
    public static string Normalize(string path)
    {
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
        return (path.StartsWith('/') ? "/" : "") + string.Join('/', parts);
    }
}

using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Text;

namespace Spn.Orleans.Jobs;

/// <summary>A manifest on the disk of whoever submits it. It may have millions of lines, so only hashes of its paths are kept.</summary>
internal sealed class ManifestFile(string path)
{
    /// <summary>The number of items, after <see cref="CheckAsync"/>.</summary>
    public long Items { get; private set; }

    /// <summary>The hash of the items, after <see cref="CheckAsync"/>.</summary>
    public string Hash { get; private set; } = "";

    /// <summary>Reads all lines, and refuses outputs that would overwrite each other, an input, or the job's own files.</summary>
    /// <param name="folder">The job's folder.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="InvalidDataException">The manifest has no items or a wrong one.</exception>
    public async Task CheckAsync(string folder, CancellationToken cancellation)
    {
        List<ulong> inputs = [], outputs = [];
        XxHash128 hash = new();
        await foreach (ManifestItem item in ReadAsync(cancellation).ConfigureAwait(false))
        {
            if (item.Output.StartsWith(folder + "/", StringComparison.OrdinalIgnoreCase))
                throw new InvalidDataException($"The output '{item.Output}' lies in the job's folder '{folder}'; choose another one.");
            inputs.Add(HashOf(item.Image));
            inputs.Add(HashOf(item.Mask));
            outputs.Add(HashOf(item.Output));
            Append(hash, item);
        }
        if (outputs.Count == 0)
            throw new InvalidDataException($"The manifest '{path}' has no items.");
        (Items, Hash) = (outputs.Count, Convert.ToHexStringLower(hash.GetCurrentHash()));

        outputs.Sort();
        HashSet<ulong> suspects = [.. inputs.Where(input => outputs.BinarySearch(input) >= 0)];
        for (int i = 1; i < outputs.Count; i++)
        {
            if (outputs[i] == outputs[i - 1])
                suspects.Add(outputs[i]);
        }
        if (suspects.Count > 0)
            await RefuseAsync(suspects, cancellation).ConfigureAwait(false);
    }

    /// <summary>The items in order. Empty lines are no items.</summary>
    public async IAsyncEnumerable<ManifestItem> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using StreamReader reader = new(path);
        for (long number = 1; await reader.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line))
                yield return ManifestItem.Parse(line, number);
        }
    }

    /// <summary>Adds an item to the hash of a manifest.</summary>
    public static void Append(XxHash128 hash, ManifestItem item)
        => hash.Append(Encoding.UTF8.GetBytes($"{item.Image}\0{item.Mask}\0{item.Output}\0"));

    /// <summary>Equal hashes are not yet equal paths.</summary>
    private async Task RefuseAsync(HashSet<ulong> suspects, CancellationToken cancellation)
    {
        HashSet<string> inputs = new(StringComparer.OrdinalIgnoreCase), outputs = new(StringComparer.OrdinalIgnoreCase);
        await foreach (ManifestItem item in ReadAsync(cancellation).ConfigureAwait(false))
        {
            foreach (string input in new[] { item.Image, item.Mask }.Where(input => suspects.Contains(HashOf(input))))
                inputs.Add(input);
            if (suspects.Contains(HashOf(item.Output)) && !outputs.Add(item.Output))
                throw new InvalidDataException($"The manifest names the output '{item.Output}' twice.");
        }
        if (outputs.FirstOrDefault(inputs.Contains) is { } overwritten)
            throw new InvalidDataException($"The output '{overwritten}' would overwrite an input.");
    }

    // Case is ignored, as some file systems do.
    private static ulong HashOf(string path) => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(path.ToUpperInvariant()));
}

using System.Collections.Concurrent;
using System.IO.Hashing;

namespace Spn.Cluster.Tests;

/// <summary>Sees every output that appears in a folder, also one that is replaced.</summary>
internal sealed class OutputWatch : IDisposable
{
    private readonly string _folder;
    private readonly FileSystemWatcher _watcher;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<UInt128>> _contents = new();
    private int _lost;

    public OutputWatch(string folder)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        _watcher = new FileSystemWatcher(_folder) { InternalBufferSize = 1 << 16 };
        _watcher.Renamed += (_, e) => Keep(e.Name);
        _watcher.Created += (_, e) => Keep(e.Name);
        _watcher.Error += (_, _) => Interlocked.Increment(ref _lost);
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>The number of outputs that are there.</summary>
    public int Count => _contents.Count;

    /// <summary>How often an output was written again.</summary>
    public int Repeats => _contents.Values.Sum(contents => contents.Count - 1);

    /// <summary>The outputs that had two contents.</summary>
    public IEnumerable<string> Different
        => _contents.Where(output => output.Value.Append(HashOf(output.Key)).Distinct().Count() > 1).Select(output => output.Key);

    public bool HasSeenAll => _lost == 0;

    public void Dispose() => _watcher.Dispose();

    private void Keep(string? name)
    {
        if (name is not null && name.EndsWith(".png", StringComparison.Ordinal))
            _contents.GetOrAdd(name, _ => new()).Enqueue(HashOf(name));
    }

    private UInt128 HashOf(string name) => XxHash128.HashToUInt128(File.ReadAllBytes(Path.Combine(_folder, name)));
}

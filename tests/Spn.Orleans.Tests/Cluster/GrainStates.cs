using System.Collections.Concurrent;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Spn.Orleans.Tests.Cluster;

/// <summary>A database of grain states that outlives silos, checks ETags, counts, and can be cut off.</summary>
internal sealed class GrainStates
{
    private readonly ConcurrentDictionary<(string, GrainId), (string ETag, BinaryData Content)> _rows = new();
    private readonly Lock _lock = new();
    private int _writes, _largest;

    public int Writes => _writes;

    /// <summary>The size of the largest state that was written, in bytes.</summary>
    public int Largest => _largest;

    public bool IsCut { get; set; }

    public IGrainStorage For(IGrainStorageSerializer serializer) => new Connection(this, serializer);

    private sealed class Connection(GrainStates states, IGrainStorageSerializer serializer) : IGrainStorage
    {
        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            Check();
            if (states._rows.TryGetValue((stateName, grainId), out (string ETag, BinaryData Content) row))
                (grainState.State, grainState.ETag, grainState.RecordExists) = (serializer.Deserialize<T>(row.Content), row.ETag, true);
            return Task.CompletedTask;
        }

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            Check();
            BinaryData content = serializer.Serialize(grainState.State);
            lock (states._lock)
            {
                CheckETag(stateName, grainId, grainState.ETag);
                string etag = Guid.NewGuid().ToString("N");
                states._rows[(stateName, grainId)] = (etag, content);
                (grainState.ETag, grainState.RecordExists) = (etag, true);
                states._writes++;
                states._largest = Math.Max(states._largest, content.ToMemory().Length);
            }
            return Task.CompletedTask;
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            Check();
            lock (states._lock)
            {
                CheckETag(stateName, grainId, grainState.ETag);
                states._rows.TryRemove((stateName, grainId), out _);
                (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null, false);
                states._writes++;
            }
            return Task.CompletedTask;
        }

        private void Check()
        {
            if (states.IsCut)
                throw new IOException("The database cannot be reached.");
        }

        private void CheckETag(string stateName, GrainId grainId, string? etag)
        {
            string? stored = states._rows.TryGetValue((stateName, grainId), out (string ETag, BinaryData Content) row) ? row.ETag : null;
            if (stored != etag)
                throw new InconsistentStateException($"{stateName} of {grainId} was written by another activation.", stored!, etag!);
        }
    }
}

using System.Text.Json.Serialization;
using Orleans;

namespace Spn.Orleans.Jobs;

/// <summary>A job as it was submitted. It never changes.</summary>
/// <param name="Folder">Its folder in the storage, which is also its name.</param>
/// <param name="Items">The number of items.</param>
/// <param name="ShardSize">The number of items of a shard. The last one may have fewer.</param>
/// <param name="Manifest">The hash of its items.</param>
/// <param name="ModelHash">The hash of the model's file; empty for built-in models.</param>
/// <param name="Version">The version of Spn, which all silos must have, because outputs of two versions may differ.</param>
/// <param name="Options">How masks are refined.</param>
[GenerateSerializer, Immutable, Alias("spn.job")]
internal sealed record Job(
    string Folder, long Items, int ShardSize, string Manifest, string ModelHash, string Version, RefineJobOptions Options)
{
    [JsonIgnore]
    public int Shards => checked((int)((Items + ShardSize - 1) / ShardSize));

    public int ItemsOf(int shard) => (int)Math.Min(ShardSize, Items - (long)shard * ShardSize);
}

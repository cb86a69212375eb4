using Spn.Propagation;
using Spn.Propagation.Cpu;

namespace Spn.Inference.Layers;

/// <summary>The propagation operator over planes: four directions, three gates per pixel.</summary>
/// <param name="normalization">How raw guidance becomes gates.</param>
/// <param name="merge">How the directions' results become one map.</param>
internal readonly unsafe struct Scan(GateNormalization normalization, DirectionMerge merge)
{
    /// <summary>Maps that come out for one that goes in.</summary>
    public int Results => merge == DirectionMerge.None ? 4 : 1;

    /// <param name="workspace">What runs it.</param>
    /// <param name="maps"><c>[K, C, h, w]</c>, channel-major, so that the K copies of a map share its gates.</param>
    /// <param name="gates">Raw guidance <c>[1, 12·G, h, w]</c>.</param>
    /// <param name="output"><c>[K, C, h, w]</c>, or <c>[K, 4·C, h, w]</c> if the directions are not merged; channel-major.</param>
    public void Run(Workspace workspace, FeatureMaps maps, FeatureMaps gates, FeatureMaps output)
    {
        if (workspace.IsPlanning)
            return;
        var job = new ForwardJob<float>
        {
            Shape = new PropagationShape(
                1, maps.Images * maps.Channels, maps.Height, maps.Width, gates.Channels / 12, ScanDirections.All, GateConnection.ThreeWay),
            Merge = merge,
            X = maps.Data,
            Guidance = gates.Data,
            Output = merge == DirectionMerge.None ? null : output.Data,
            Hidden = merge == DirectionMerge.None ? output.Data : null,
        };
        CpuPropagation.Forward(ref job, normalization, workspace.Threads, workspace.Level);
    }
}

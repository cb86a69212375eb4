using Spn.Propagation;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Guidance.Convolutions;

/// <summary>Where a tensor's maps begin, each a run of memory; or no tensor.</summary>
internal readonly unsafe struct MapRuns
{
    private readonly float* _first;
    private readonly long _mask, _map;

    /// <param name="maps"><c>[N, C, h, w]</c> as <see cref="Planes"/> gives it, which the caller keeps alive; <see langword="null"/> for none.</param>
    public MapRuns(Tensor? maps)
    {
        if (maps is null)
            return;
        _first = (float*)TensorMemory.Pointer(maps);
        (_mask, _map) = (maps.stride(0), maps.stride(1));
    }

    /// <summary>The maps, each in one run of memory; not all of them together need be.</summary>
    public static Tensor Planes(Tensor maps) => maps.stride(3) == 1 && maps.stride(2) == maps.shape[3] ? maps.alias() : maps.contiguous();

    /// <summary>A map from a pixel on; <see langword="null"/> of no tensor.</summary>
    public float* At(int mask, int map, long pixel) => _first == null ? null : _first + mask * _mask + map * _map + pixel;
}

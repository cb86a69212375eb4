using Spn.Native;
using Spn.Simd;

namespace Spn.Inference;

/// <summary>
/// The memory of one call, and what runs its layers. All maps of a call lie in one block, at offsets that a <see cref="WorkspacePlan"/>
/// fixed beforehand. The same network code runs twice: first with <see cref="Plan"/>, which computes nothing and records when each map is
/// taken and released, then for every call with the recorded offsets. Memory is never cleared. Not thread-safe: one call at a time uses a
/// workspace.
/// </summary>
internal sealed unsafe class Workspace
{
    private readonly WorkspacePlan? _recording;
    private WorkspacePlan? _plan;
    private BlockPool.Block? _block;
    private int _next;

    /// <summary>An empty workspace; <see cref="Prepare"/> gives it memory.</summary>
    public Workspace()
    {
    }

    private Workspace(WorkspacePlan recording) => _recording = recording;

    /// <summary>The vector width of the layers.</summary>
    public SimdLevel Level { get; private set; }

    /// <summary>The maximum number of threads of a layer.</summary>
    public int Threads { get; private set; } = 1;

    /// <summary>Runs network code without computing and returns the layout of its memory.</summary>
    /// <param name="network">Takes and releases memory, and runs layers, in an order that depends on nothing but shapes.</param>
    public static WorkspacePlan Plan(Action<Workspace> network)
    {
        var plan = new WorkspacePlan();
        network(new Workspace(plan));
        plan.Complete();
        return plan;
    }

    /// <summary>Starts a call.</summary>
    /// <exception cref="OutOfMemoryException">The system has not enough memory.</exception>
    public void Prepare(WorkspacePlan plan, SimdLevel level, int threads)
    {
        _block = BlockPool.Rent(plan.Bytes);
        (_plan, _next, Level, Threads) = (plan, 0, level, threads);
    }

    /// <summary>Ends a call, and gives its memory back to the pool.</summary>
    public void Release()
    {
        if (_block is { } block)
            BlockPool.Return(block);
        _block = null;
    }

    /// <summary>Memory for so many floats, at a multiple of 64 bytes, with undefined content.</summary>
    public float* Take(long floats)
        => _recording is not null ? (float*)_recording.Take(floats * sizeof(float)) : (float*)(_block!.Memory + _plan!.Offset(_next++));

    /// <summary>Says that memory is used no more, so that what is taken next may lie there.</summary>
    public void Release(float* memory) => _recording?.Release((nint)memory);

    /// <summary>Dense planes <c>[N, C, H, W]</c>.</summary>
    public FeatureMaps Maps(int images, int channels, int height, int width)
        => new(Take((long)images * channels * height * width), images, channels, height, width);

    /// <summary>Planes in the order of <see cref="FeatureMaps.ChannelMajor"/>.</summary>
    public FeatureMaps ChannelMajor(int images, int channels, int height, int width)
        => FeatureMaps.ChannelMajor(Take((long)images * channels * height * width), images, channels, height, width);

    /// <summary>One image's maps in channels-last order.</summary>
    public PixelMaps Pixels(int height, int width, int channels)
    {
        int stride = PixelMaps.Padded(channels);
        return new PixelMaps((nint)Take((long)height * width * stride), height, width, stride);
    }

    public void Release(in FeatureMaps maps) => Release(maps.Data);

    public void Release(in PixelMaps maps) => Release((float*)maps.Data);

    /// <summary>Whether the network code runs only to be planned: whatever reads or writes memory must not run.</summary>
    public bool IsPlanning => _recording is not null;

    /// <summary>Runs a layer's units of work and returns when all of them are done.</summary>
    public void Run<TJob>(in TJob job, int units)
        where TJob : unmanaged, ISimdJob
    {
        if (!IsPlanning)
            SimdJob.Run(job, units, Level, Threads);
    }
}

using System.Runtime.CompilerServices;
using Spn.Inference.Layers;
using Spn.Models;
using Spn.Simd;
using Spn.Weights;

namespace Spn.Inference;

/// <summary>
/// A model for inference on the CPU, over memory that the caller gives: no tensors, nothing native. Immutable and thread-safe. Memory for
/// what lies in between is leased from <see cref="WorkspacePool"/>; in the steady state a call allocates nothing.
/// </summary>
internal sealed unsafe class InferenceModel
{
    /// <summary>Pixels of the image that both guidance networks' deepest maps halve evenly to.</summary>
    public const int Cell = ICroppableGuidance.Cell;

    private const int MaxPlans = 64;

    private readonly IGuidanceNetwork _guidance;
    private readonly IPropagationNetwork _propagation;
    private readonly Dictionary<(int Height, int Width, int Masks), WorkspacePlan> _plans = [];

    /// <param name="weights">The tensors of the whole model.</param>
    /// <param name="configuration">What it is made of.</param>
    /// <exception cref="InvalidDataException">A tensor does not fit the configuration.</exception>
    public InferenceModel(Weights weights, SpnConfiguration configuration)
    {
        Configuration = configuration;
        Weights guidance = weights.Part("guidance"), propagation = weights.Part("propagation");
        _guidance = configuration.Guidance == GuidanceKind.Vgg16 ? new Vgg16Guidance(guidance, configuration)
            : new CompactGuidance(guidance, configuration);
        _propagation = configuration.Propagation == PropagationKind.Residual
            ? new ResidualPropagation(propagation, configuration)
            : new LinearPropagation(propagation, configuration);
    }

    /// <summary>What the model is made of.</summary>
    public SpnConfiguration Configuration { get; }

    /// <summary>Views of an image that are guided and refined: 2 if the model takes the mean with the mirror image, otherwise 1.</summary>
    public int Views => Configuration.Mirrored ? 2 : 1;

    /// <summary>Reads a model from a safetensors file.</summary>
    /// <exception cref="InvalidDataException">The file does not describe a model, or its tensors do not fit the description.</exception>
    public static InferenceModel Load(SafetensorsFile file)
    {
        SpnConfiguration configuration;
        try
        {
            configuration = SpnConfiguration.FromMetadata(file.Metadata);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{file.Path}' holds no model: {e.Message}.", e);
        }
        HashSet<string> unread = [.. file.Entries.Keys.Where(name => !name.EndsWith(".num_batches_tracked", StringComparison.Ordinal))];
        InferenceModel model;
        try
        {
            model = new InferenceModel(new Weights(Read), configuration);
        }
        catch (InvalidDataException e)
        {
            throw Misfit(e.Message, e);
        }
        return unread.Count == 0
            ? model
            : throw Misfit($"unexpected {string.Join(", ", unread.Order(StringComparer.Ordinal).Take(20))}");

        (float[] Values, IReadOnlyList<long> Shape) Read(string name)
        {
            if (!file.Entries.TryGetValue(name, out SafetensorsEntry? entry))
                throw new InvalidDataException($"missing {name}");
            unread.Remove(name);
            float[] values = file.ReadFloats(name);
            float lowest = name.EndsWith(".running_var", StringComparison.Ordinal) ? 0 : float.MinValue;
            if (!AreFinite(values, lowest))
                throw new InvalidDataException($"{name} holds values that are not finite, or a negative variance");
            return (values, entry.Shape);
        }

        InvalidDataException Misfit(string reason, Exception? cause = null)
            => new($"The weights in '{file.Path}' do not fit its configuration: {reason}", cause);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a process reads a model once, so the loop would run unoptimized
    private static bool AreFinite(float[] values, float lowest)
    {
        bool all = true;
        foreach (float value in values)
            all &= value >= lowest && value <= float.MaxValue;
        return all;
    }

    /// <summary>The guidance of one view of an image: <c>[maps, height, width]</c>.</summary>
    public (int Maps, int Height, int Width) GuidanceShape(int height, int width)
        => (Configuration.GuidanceMaps, (height + 1) / 2, ((Configuration.Mirrored ? Padding.RoundUp(width, Cell) : width) + 1) / 2);

    /// <summary>Bytes that a call takes from the system, beyond the caller's own memory, to guide an image.</summary>
    public long GuideBytes(int height, int width) => GuidePlan(height, width).Bytes;

    /// <summary>Bytes that a call takes from the system, beyond the caller's own memory, to refine masks.</summary>
    public long PropagateBytes(int height, int width, int masks) => PropagatePlan(height, width, masks).Bytes;

    /// <summary>The guidance pass over one view.</summary>
    /// <param name="image"><c>[3, H, W]</c>, RGB in 0..1.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="view">0 for the image, 1 for its mirror image.</param>
    /// <param name="guidance">Receives the guidance, dense, of <see cref="GuidanceShape"/>.</param>
    /// <param name="threads">The maximum number of threads. The result does not depend on it.</param>
    /// <param name="level">The vector width.</param>
    public void Guide(float* image, int height, int width, int view, float* guidance, int threads, SimdLevel level)
    {
        using WorkspacePool.Lease lease = WorkspacePool.Rent(GuidePlan(height, width), level, threads);
        Guide(lease.Workspace, image, height, width, view, guidance);
        GC.KeepAlive(this);
    }

    /// <summary>The propagation pass.</summary>
    /// <param name="guidance">Each view's guidance; the second is not read unless there are two.</param>
    /// <param name="mirrored">The mirror image's guidance.</param>
    /// <param name="masks"><c>[K, H, W]</c>, in 0..1.</param>
    /// <param name="count">K.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="refined">Receives the probabilities, <c>[K, H, W]</c>.</param>
    /// <param name="threads">The maximum number of threads. The result does not depend on it.</param>
    /// <param name="level">The vector width.</param>
    public void Propagate(float* guidance, float* mirrored, float* masks, int count, int height, int width, float* refined, int threads,
        SimdLevel level)
    {
        using WorkspacePool.Lease lease = WorkspacePool.Rent(PropagatePlan(height, width, count), level, threads);
        Propagate(lease.Workspace, guidance, mirrored, masks, count, height, width, refined);
        GC.KeepAlive(this);
    }

    private void Guide(Workspace workspace, float* image, int height, int width, int view, float* guidance)
    {
        (int maps, int h, int w) = GuidanceShape(height, width);
        Padding padding = Configuration.Mirrored ? Padding.ForView(height, width, Cell, Cell, view == 1) : new Padding(height, width, Cell);
        _guidance.Run(workspace, new FeatureMaps(image, 1, 3, height, width), padding, new FeatureMaps(guidance, 1, maps, h, w));
    }

    private void Propagate(Workspace workspace, float* guidance, float* mirrored, float* masks, int count, int height, int width,
        float* refined)
    {
        (int maps, int h, int w) = GuidanceShape(height, width);
        FeatureMaps coarse = new(masks, count, 1, height, width), output = new(refined, count, 1, height, width);
        Padding straight = MaskPadding(height, width, view: 0), flipped = MaskPadding(height, width, view: 1);
        if (Views == 1)
        {
            View(workspace, new FeatureMaps(guidance, 1, maps, h, w), coarse, straight, output);
            return;
        }
        FeatureMaps one = workspace.Maps(count, 1, straight.Height, straight.Width);
        FeatureMaps other = workspace.Maps(count, 1, straight.Height, straight.Width);
        View(workspace, new FeatureMaps(guidance, 1, maps, h, w), coarse, straight, one);
        View(workspace, new FeatureMaps(mirrored, 1, maps, h, w), coarse, flipped, other);
        PlaneCopies.Crop(workspace, one, output, other);
        workspace.Release(one);
        workspace.Release(other);
    }

    /// <summary>How a view's masks grow.</summary>
    private Padding MaskPadding(int height, int width, int view) => Views == 1
        ? new Padding(height, width, _propagation.Multiple)
        : Padding.ForView(height, width, Cell, _propagation.Multiple, view == 1);

    /// <summary>Refines one view's masks, whatever their size; the result is cropped to the output's.</summary>
    private void View(Workspace workspace, FeatureMaps guidance, FeatureMaps masks, Padding padding, FeatureMaps output)
    {
        int multiple = _propagation.Multiple / 2;
        var guidancePadding = new Padding(guidance.Height, guidance.Width, multiple);
        bool padsMasks = !padding.IsIdentity || _propagation.ReadsLogits, padsGuidance = !guidancePadding.IsIdentity;
        bool crops = output.Height != padding.Height || output.Width != padding.Width;
        FeatureMaps coarse = padsMasks ? workspace.Maps(masks.Images, 1, padding.Height, padding.Width) : masks;
        FeatureMaps gates = padsGuidance ? workspace.Maps(1, guidance.Channels, guidancePadding.Height, guidancePadding.Width) : guidance;
        FeatureMaps refined = crops ? workspace.Maps(masks.Images, 1, padding.Height, padding.Width) : output;
        if (padsMasks)
            PlaneCopies.Pad(workspace, masks, coarse, padding, _propagation.ReadsLogits);
        if (padsGuidance)
            PlaneCopies.Pad(workspace, guidance, gates, guidancePadding);
        _propagation.Run(workspace, gates, coarse, refined);
        if (crops)
        {
            PlaneCopies.Crop(workspace, refined, output);
            workspace.Release(refined);
        }
        if (padsGuidance)
            workspace.Release(gates);
        if (padsMasks)
            workspace.Release(coarse);
    }

    private WorkspacePlan GuidePlan(int height, int width)
        => Find((height, width, 0)) ?? Add((height, width, 0), PlanGuidance(height, width));

    private WorkspacePlan PropagatePlan(int height, int width, int masks)
        => Find((height, width, masks)) ?? Add((height, width, masks), PlanPropagation(height, width, masks));

    // Apart from the look-up, so that a call whose plan exists allocates no closure.
    private WorkspacePlan PlanGuidance(int height, int width)
        => Workspace.Plan(workspace => Guide(workspace, null, height, width, 0, null));

    private WorkspacePlan PlanPropagation(int height, int width, int masks)
        => Workspace.Plan(workspace => Propagate(workspace, null, null, null, masks, height, width, null));

    private WorkspacePlan? Find((int, int, int) shape)
    {
        lock (_plans)
            return _plans.GetValueOrDefault(shape);
    }

    private WorkspacePlan Add((int, int, int) shape, WorkspacePlan plan)
    {
        lock (_plans)
        {
            if (_plans.Count >= MaxPlans)
                _plans.Clear();
            _plans[shape] = plan;
        }
        return plan;
    }
}

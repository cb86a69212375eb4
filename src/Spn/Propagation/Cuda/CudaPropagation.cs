namespace Spn.Propagation.Cuda;

/// <summary>Launches the kernels of a planned round on device memory. No method waits for the device.</summary>
internal static unsafe class CudaPropagation
{
    // For kernels with one thread per pixel; if the grid is at its limit, each thread processes several pixels.
    private const int SimpleThreads = 256;
    private const long MaxSimpleBlocks = 1 << 20;

    /// <summary>
    /// Computes x → output in one or more rounds, and stores what the backward pass needs if the job has buffers for it.
    /// </summary>
    /// <param name="device">The device on which to launch.</param>
    /// <param name="op">The operator.</param>
    /// <param name="plan">The plan for this operator and device, and for whether <see cref="CudaForwardJob.Hidden"/> is given.</param>
    /// <param name="job">The buffers.</param>
    /// <param name="scratch"><see cref="ForwardPlan.ScratchBytes"/> bytes of device memory, aligned to 256 bytes.</param>
    /// <param name="rounds">Number of rounds, at most <see cref="ForwardPlan.MaxRounds"/>.</param>
    public static void Forward(
        ICudaDevice device, in CudaOperator op, ForwardPlan plan, in CudaForwardJob job, void* scratch, int rounds = 1)
    {
        PropagationShape shape = op.Shape;
        int directions = shape.DirectionCount;
        CudaMap output = CudaMap.Contiguous(job.Output, op.Scalar.Size(), shape.Batch, shape.Channels, shape.Height, shape.Width);
        if (plan.Scheme == ForwardScheme.Plane)
        {
            var whole = new PlaneArguments
            {
                Shape = new ShapeArguments(shape, op.Normalization, op.HasInputGate),
                X = job.X, Guidance = job.Guidance, InputGate = job.InputGate, Output = output,
                DirectionCount = directions, Combine = Joined(op.Merge), Rounds = rounds,
            };
            var launch = new CudaLaunch(shape.Batch * shape.Channels, 32 * directions, plan.PlaneShared, 1);
            int gateVector = CudaMap.Vector(shape.Width, op.Scalar.Size(), job.Guidance, job.InputGate);
            device.Launch(CudaKernels.Plane(op, gateVector), launch, &whole, sizeof(PlaneArguments));
            return;
        }

        void* hidden = job.Hidden != null ? job.Hidden : plan.Scheme == ForwardScheme.Merge ? scratch : null;
        var arguments = new ForwardArguments
        {
            X = job.X, Guidance = job.Guidance, InputGate = job.InputGate,
            Target = hidden == null ? output : HiddenMap(op, hidden),
            TargetByDirection = hidden == null ? 0 : 1,
        };
        int vector = CudaMap.Vector(shape.Width, op.Scalar.Size(), job.X, job.Guidance, job.InputGate, arguments.Target);
        byte* state = (byte*)scratch + (plan.ScratchBytes - plan.StateBytes);
        int perLaunch = plan.Scheme == ForwardScheme.Accumulate ? 1 : directions;
        for (int d = 0; d < directions; d += perLaunch)
        {
            ScanDirections these = perLaunch == 1 ? shape.DirectionAt(d) : shape.Directions;
            ScanPlan scan = plan.ScanOf(these);
            arguments.Scan = Scan(op, scan);
            (arguments.Scan.FirstDirection, arguments.Scan.DirectionCount) = (d, perLaunch);
            (arguments.Combine, arguments.Weight) = (d == 0 ? CudaCombine.Set : Joined(op.Merge), 1.0 / (d + 1));
            CudaKernel kernel = CudaKernels.Forward(op, scan, vector, these, arguments.Combine);
            RunScan(device, kernel, op, scan, &arguments.Scan, sizeof(ForwardArguments), state, plan.StateBytes / 2);
        }

        if (plan.Scheme == ForwardScheme.Merge)
        {
            var merge = new MergeArguments
            {
                Hidden = hidden, Output = job.Output, Winners = job.Winners,
                OfImage = op.MapElements / shape.Batch, Count = op.MapElements, Directions = directions, Combine = Joined(op.Merge),
            };
            device.Launch(CudaKernels.Merge(op.Scalar), ThreadPerPixel(op.MapElements), &merge, sizeof(MergeArguments));
        }
    }

    /// <summary>Computes ∂L/∂output → ∂L/∂x, ∂L/∂guidance, ∂L/∂λ.</summary>
    /// <param name="device">The device on which to launch.</param>
    /// <param name="op">The operator.</param>
    /// <param name="plan">The plan for this operator and device.</param>
    /// <param name="job">The buffers.</param>
    /// <param name="scratch"><see cref="BackwardPlan.ScratchBytes"/> bytes of device memory, aligned to 256 bytes.</param>
    public static void Backward(ICudaDevice device, in CudaOperator op, BackwardPlan plan, in CudaBackwardJob job, void* scratch)
    {
        PropagationShape shape = op.Shape;
        int directions = shape.DirectionCount, size = op.Scalar.Size(), real = op.Scalar.RealSize();
        byte* gradXParts = (byte*)scratch;
        byte* gateParts = gradXParts + ForwardPlan.Aligned(plan.GradXBytes);
        byte* inputGateParts = gateParts + ForwardPlan.Aligned(plan.GateBytes);
        byte* state = inputGateParts + ForwardPlan.Aligned(plan.InputGateBytes);
        bool inParts = plan.Parts > 1, byDirection = directions > 1;
        int gates = directions * shape.Gates * shape.Groups, inputGates = directions * shape.Groups;
        CudaMap Map(void* data, int elementSize, long batch, long channels)
            => CudaMap.Contiguous(data, elementSize, batch, channels, shape.Height, shape.Width);
        var arguments = new BackwardArguments
        {
            Scan = Scan(op, plan.Scan),
            X = job.X, Guidance = job.Guidance, InputGate = job.InputGate, GradOutput = job.GradOutput,
            Hidden = HiddenMap(op, job.Hidden),
            Winners = Map(job.Winners, 1, shape.Batch, shape.Channels),
            GradX = byDirection
                ? Map(gradXParts, real, shape.Batch, directions * shape.Channels)
                : Map(job.GradX, size, shape.Batch, shape.Channels),
            GradGuidance = inParts
                ? Map(gateParts, real, plan.Parts * shape.Batch, gates)
                : Map(job.GradGuidance, size, shape.Batch, gates),
            GradInputGate = inParts
                ? Map(inputGateParts, real, plan.Parts * shape.Batch, inputGates)
                : Map(job.GradInputGate, size, shape.Batch, inputGates),
            GradOutputByDirection = op.Merge == DirectionMerge.None ? 1 : 0,
            HasWinners = op.HasWinners ? 1 : 0,
            GradXByDirection = byDirection ? 1 : 0,
            GatesInParts = inParts ? 1 : 0,
            Weight = op.Merge == DirectionMerge.Mean ? 1.0 / directions : 1,
        };
        arguments.Scan.DirectionCount = directions;
        // The rows of scratch memory are as aligned as their length.
        int vector = CudaMap.Vector(
            shape.Width, size, job.X, job.Guidance, job.InputGate, job.GradOutput, arguments.Hidden,
            byDirection ? default : arguments.GradX, inParts ? default : arguments.GradGuidance, inParts ? default : arguments.GradInputGate);
        CudaKernel kernel = CudaKernels.Backward(op, plan.Scan, vector, inParts);
        RunScan(device, kernel, op, plan.Scan, &arguments.Scan, sizeof(BackwardArguments), state, plan.StateBytes / 2);

        if (byDirection)
        {
            var sum = new SumDirectionsArguments
            {
                Parts = gradXParts, GradX = job.GradX,
                OfImage = op.MapElements / shape.Batch, Count = op.MapElements, Directions = directions,
            };
            device.Launch(CudaKernels.SumDirections(op.Scalar), ThreadPerPixel(op.MapElements), &sum, sizeof(SumDirectionsArguments));
        }

        if (inParts)
        {
            var sum = new SumGatesArguments
            {
                Shape = arguments.Scan.Shape, Parts = plan.Parts, Guidance = job.Guidance,
                Gates = gateParts, InputGates = op.HasInputGate ? inputGateParts : null,
                GradGuidance = job.GradGuidance, GradInputGate = job.GradInputGate, DirectionCount = directions,
            };
            device.Launch(CudaKernels.SumGates(op), ThreadPerPixel(op.GateElements / shape.Gates), &sum, sizeof(SumGatesArguments));
        }
    }

    /// <summary>Launches a scan, either once or in steps of one margin.</summary>
    /// <param name="device">The device on which to launch.</param>
    /// <param name="kernel">The scan kernel.</param>
    /// <param name="op">The operator.</param>
    /// <param name="plan">The layout of the scan.</param>
    /// <param name="scan">The first field of the kernel's argument.</param>
    /// <param name="argumentBytes">Size of the whole argument in bytes.</param>
    /// <param name="state">
    /// The state passed between launches, in two halves: each launch reads the half that the previous one wrote and writes the other.
    /// </param>
    /// <param name="stateHalf">Size of a half in bytes.</param>
    private static void RunScan(
        ICudaDevice device, CudaKernel kernel, in CudaOperator op, ScanPlan plan, ScanArguments* scan, int argumentBytes, byte* state,
        long stateHalf)
    {
        PropagationShape shape = op.Shape;
        int lines = Math.Max(shape.ColumnDirections > 0 ? shape.Width : 1, shape.RowDirections > 0 ? shape.Height : 1);
        int tiles = (lines + plan.Lines - 1) / plan.Lines;
        int perLaunch = plan.TilesPerLaunch > 0 ? plan.TilesPerLaunch : tiles;
        long blocks = plan.Units(shape, scan->DirectionCount) * plan.Segments;
        var launch = new CudaLaunch(checked((int)blocks), 32 * plan.Warps, plan.SharedBytes, plan.Cluster);
        for (int first = 0; first < tiles; first += perLaunch)
        {
            (scan->FirstTile, scan->Tiles) = (first, perLaunch);
            if (plan.TilesPerLaunch > 0)
            {
                scan->StateIn = state;
                scan->StateOut = state += stateHalf;
                stateHalf = -stateHalf;
            }

            device.Launch(kernel, launch, scan, argumentBytes);
        }
    }

    private static ScanArguments Scan(in CudaOperator op, ScanPlan plan) => new()
    {
        Shape = new ShapeArguments(op.Shape, op.Normalization, op.HasInputGate),
        Channels = plan.Channels,
        Segments = plan.Segments, Margin = plan.Margin, Cluster = plan.Cluster,
        StateStride = ForwardPlan.StateStride(op.Shape),
    };

    private static CudaMap HiddenMap(in CudaOperator op, void* hidden)
        => CudaMap.Contiguous(
            hidden, op.Scalar.Size(), op.Shape.Batch, op.Shape.DirectionCount * op.Shape.Channels, op.Shape.Height, op.Shape.Width);

    private static CudaCombine Joined(DirectionMerge merge) => merge switch
    {
        DirectionMerge.Max => CudaCombine.Larger,
        DirectionMerge.Mean => CudaCombine.RunningMean,
        _ => CudaCombine.Set,
    };

    private static CudaLaunch ThreadPerPixel(long pixels)
        => new((int)Math.Min((pixels + SimpleThreads - 1) / SimpleThreads, MaxSimpleBlocks), SimpleThreads, 0, 1);
}

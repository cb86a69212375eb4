using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>
/// A 3x3 convolution of stride 1 over channels-last maps with its ReLU, y = ReLU(W·x + b), with a quarter of the multiplications:
/// Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015). Beyond the border x
/// is 0.
/// </summary>
/// <remarks>
/// The maps are cut into tiles of 4x4 output pixels, each made from 6x6 input pixels; with a dilation d the pixels of a tile lie d apart. A
/// unit of work takes some tiles: every tile is transformed to 36 products' inputs, each of the 36 is a matrix product over the channels
/// (<see cref="MatrixKernel"/>), and their results are transformed back. What lies in between stays in a core's caches.
/// </remarks>
[SkipLocalsInit]
internal sealed unsafe class WinogradTiles
{
    private const int Size = 4, Side = Size + 2, Products = Side * Side, Lanes = PixelMaps.Lanes;
    private const int CacheFloats = 1 << 16; // of a unit's transformed tiles
    private const int MinTiles = 12;         // fewer would read the weights for too little work

    private readonly PinnedFloats _weight, _bias;
    private readonly int _inputs, _outputs, _dilation;

    /// <param name="weights">Of a 3x3 kernel.</param>
    /// <param name="dilation">Distance between the kernel's pixels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a process loads a model once, so its loops would run unoptimized
    public WinogradTiles(ConvolutionWeights weights, int dilation = 1)
    {
        (_inputs, _outputs, _dilation) = (weights.Inputs, PixelMaps.Padded(weights.Outputs), dilation);
        _weight = new PinnedFloats(Products * _inputs * _outputs);
        _bias = new PinnedFloats(_outputs);
        weights.Bias.CopyTo(_bias.Values);
        Span<float> packed = _weight.Values;
        Span<double> columns = stackalloc double[3 * Side], form = stackalloc double[Side];
        for (int o = 0; o < weights.Outputs; o++)
        {
            for (int i = 0; i < _inputs; i++)
            {
                for (int x = 0; x < 3; x++)
                    Transform(weights.At(o, i, 0, x), weights.At(o, i, 1, x), weights.At(o, i, 2, x), columns.Slice(x * Side, Side));
                for (int row = 0; row < Side; row++)
                {
                    Transform(columns[row], columns[Side + row], columns[2 * Side + row], form);
                    for (int column = 0; column < Side; column++)
                    {
                        int product = row * Side + column;
                        packed[((product * (_outputs / Lanes) + o / Lanes) * _inputs + i) * Lanes + o % Lanes] = (float)form[column];
                    }
                }
            }
        }

        static void Transform(double a, double b, double c, Span<double> form)
        {
            form[0] = a / 4;
            form[1] = -(a + b + c) / 6;
            form[2] = -(a - b + c) / 6;
            form[3] = a / 24 + b / 12 + c / 6;
            form[4] = a / 24 - b / 12 + c / 6;
            form[5] = c;
        }
    }

    /// <param name="workspace">What runs it.</param>
    /// <param name="input">x, <c>[h, w, in]</c>.</param>
    /// <param name="output">y, <c>[h, w, out]</c>.</param>
    public void Run(Workspace workspace, PixelMaps input, PixelMaps output)
    {
        int down = Tiles(output.Height), across = Tiles(output.Width), tiles = _dilation * _dilation * down * across;
        int perUnit = Math.Clamp(CacheFloats / (Products * (input.Stride + output.Stride)), MinTiles, 96);

        // Whole rounds of all threads where there are few units, for no thread to wait for another.
        int units = (tiles + perUnit - 1) / perUnit;
        if (units < 4 * workspace.Threads)
            units = (units + workspace.Threads - 1) / workspace.Threads * workspace.Threads;
        perUnit = (tiles + units - 1) / units;
        var job = new Job
        {
            Input = input,
            Output = output,
            Weight = _weight.Pointer,
            Bias = _bias.Pointer,
            Inputs = _inputs,
            Dilation = _dilation,
            Down = down,
            Across = across,
            Count = tiles,
            PerUnit = perUnit,
        };
        workspace.Run(job, (tiles + perUnit - 1) / perUnit);
    }

    /// <summary>Tiles along one side of the pixels that lie a dilation apart.</summary>
    private int Tiles(int pixels) => ((pixels + _dilation - 1) / _dilation + Size - 1) / Size;

    private struct Job : ISimdJob
    {
        public PixelMaps Input, Output;
        public float* Weight, Bias;
        public int Inputs, Dilation, Down, Across, Count, PerUnit;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            int first = unit * job.PerUnit, count = Math.Min(job.PerUnit, job.Count - first), inputs = job.Input.Stride,
                outputs = job.Output.Stride;
            int rows = (count + MatrixKernel.RowBlock - 1) / MatrixKernel.RowBlock * MatrixKernel.RowBlock;

            // One vector more from product to product, so that they do not lie a power of two apart.
            nint nextInput = (nint)rows * inputs + Lanes, nextOutput = (nint)rows * outputs + Lanes;
            using Scratch.Lease lease = Scratch.Rent((Products * (nextInput + nextOutput + inputs)) * sizeof(float));
            float* transformed = (float*)lease.Pointer, products = transformed + Products * nextInput;
            float* border = products + Products * nextOutput;
            for (int i = 0; i < count; i++)
                job.Read<V>(first + i, border, transformed + i * inputs, nextInput);
            nint panel = (nint)job.Inputs * outputs;
            for (int product = 0; product < Products; product++)
            {
                MatrixKernel.Multiply<V>(
                    transformed + product * nextInput, inputs, count, job.Inputs, job.Weight + product * panel, outputs,
                    products + product * nextOutput, outputs);
            }
            for (int i = 0; i < count; i++)
                job.Write<V>(first + i, products + i * outputs, nextOutput);
        }

        /// <summary>The first pixel of a tile's output.</summary>
        private readonly (int Y, int X) Corner(int tile)
        {
            (int rest, int across) = Math.DivRem(tile, Across);
            (int phase, int down) = Math.DivRem(rest, Down);
            return (down * Size * Dilation + phase / Dilation, across * Size * Dilation + phase % Dilation);
        }

        /// <summary>
        /// Transforms a tile's 6x6 input pixels. Those of a tile at the border are first copied to memory where pixels beyond it are 0.
        /// </summary>
        private readonly void Read<V>(int tile, float* border, float* transformed, nint next)
            where V : unmanaged, ISimdVector<V, float>
        {
            (int top, int left) = Corner(tile);
            (top, left) = (top - Dilation, left - Dilation);
            int span = (Side - 1) * Dilation;
            if (top >= 0 && left >= 0 && top + span < Input.Height && left + span < Input.Width)
            {
                Read<V>(Input.At(top, left), (nint)Dilation * Input.Width * Input.Stride, (nint)Dilation * Input.Stride, transformed, next);
                return;
            }
            nint stride = Input.Stride;
            float* destination = border;
            for (int y = top; y <= top + span; y += Dilation)
            {
                for (int x = left; x <= left + span; x += Dilation, destination += stride)
                {
                    bool inside = (uint)y < (uint)Input.Height && (uint)x < (uint)Input.Width;
                    float* source = inside ? Input.At(y, x) : destination;
                    for (nint c = 0; c < stride; c += V.Width)
                        V.Store(inside ? V.Load(source + c) : default, destination + c);
                }
            }
            Read<V>(border, Side * stride, stride, transformed, next);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Read<V>(float* pixels, nint down, nint across, float* transformed, nint next)
            where V : unmanaged, ISimdVector<V, float>
        {
            V* columns = stackalloc V[Products];
            for (int c = 0; c < Input.Stride; c += V.Width)
            {
                float* r0 = pixels + c, r1 = r0 + down, r2 = r1 + down, r3 = r2 + down, r4 = r3 + down, r5 = r4 + down;
                nint at = 0;
                for (int x = 0; x < Side; x++, at += across)
                    Transform(V.Load(r0 + at), V.Load(r1 + at), V.Load(r2 + at), V.Load(r3 + at), V.Load(r4 + at), V.Load(r5 + at),
                        (float*)(columns + x), Side * V.Width);
                float* destination = transformed + c;
                for (int y = 0; y < Side; y++, destination += Side * next)
                {
                    V* row = columns + y * Side;
                    Transform(row[0], row[1], row[2], row[3], row[4], row[5], destination, next);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Transform<V>(V x0, V x1, V x2, V x3, V x4, V x5, float* output, nint next)
            where V : unmanaged, ISimdVector<V, float>
        {
            V two = V.Broadcast(2), minusTwo = V.Broadcast(-2), four = V.Broadcast(4), minusFour = V.Broadcast(-4),
                minusFive = V.Broadcast(-5);
            V even = V.MultiplyAdd(x2, minusFour, x4), odd = V.MultiplyAdd(x1, minusFour, x3), apart = x4 - x2, twice = x3 - x1;
            V.Store(V.MultiplyAdd(x0, four, V.MultiplyAdd(x2, minusFive, x4)), output);
            V.Store(even + odd, output + next);
            V.Store(even - odd, output + 2 * next);
            V.Store(V.MultiplyAdd(twice, two, apart), output + 3 * next);
            V.Store(V.MultiplyAdd(twice, minusTwo, apart), output + 4 * next);
            V.Store(V.MultiplyAdd(x1, four, V.MultiplyAdd(x3, minusFive, x5)), output + 5 * next);
        }

        /// <summary>Transforms a tile's 36 products back to 4x4 pixels.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Write<V>(int tile, float* products, nint next)
            where V : unmanaged, ISimdVector<V, float>
        {
            (int top, int left) = Corner(tile);
            int height = Math.Min(Size, (Output.Height - top + Dilation - 1) / Dilation),
                width = Math.Min(Size, (Output.Width - left + Dilation - 1) / Dilation);
            if (height <= 0 || width <= 0)
                return; // a dilation beyond the maps' size leaves tiles without pixels
            V* columns = stackalloc V[Size * Side];
            for (int c = 0; c < Output.Stride; c += V.Width)
            {
                V bias = V.Load(Bias + c);
                float* source = products + c;
                for (int x = 0; x < Side; x++, source += next)
                {
                    Combine(
                        V.Load(source), V.Load(source + Side * next), V.Load(source + 2 * Side * next), V.Load(source + 3 * Side * next),
                        V.Load(source + 4 * Side * next), V.Load(source + 5 * Side * next),
                        out columns[x], out columns[Side + x], out columns[2 * Side + x], out columns[3 * Side + x]);
                }
                for (int y = 0; y < height; y++)
                {
                    V* row = columns + y * Side;
                    Combine(row[0], row[1], row[2], row[3], row[4], row[5], out V y0, out V y1, out V y2, out V y3);
                    float* output = Output.At(top + y * Dilation, left) + c;
                    nint apart = (nint)Dilation * Output.Stride;
                    V.Store(V.Max(default, y0 + bias), output); // in this order a NaN stays one
                    if (width > 1)
                        V.Store(V.Max(default, y1 + bias), output + apart);
                    if (width > 2)
                        V.Store(V.Max(default, y2 + bias), output + 2 * apart);
                    if (width > 3)
                        V.Store(V.Max(default, y3 + bias), output + 3 * apart);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Combine<V>(V m0, V m1, V m2, V m3, V m4, V m5, out V y0, out V y1, out V y2, out V y3)
            where V : unmanaged, ISimdVector<V, float>
        {
            V near = m1 + m2, nearOdd = m1 - m2, far = m3 + m4, farOdd = m3 - m4;
            y0 = m0 + near + far;
            y1 = V.MultiplyAdd(farOdd, V.Broadcast(2), nearOdd);
            y2 = V.MultiplyAdd(far, V.Broadcast(4), near);
            y3 = V.MultiplyAdd(farOdd, V.Broadcast(8), nearOdd) + m5;
        }
    }
}

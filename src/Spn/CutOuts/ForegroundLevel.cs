using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.CutOuts;

/// <summary>
/// One level of <see cref="ForegroundColors"/>. Per channel it lowers Σ (αF + (1-α)B - I)² + Σ w_ij ((F_i - F_j)² + (B_i - B_j)²) over
/// pixels and their four neighbours, w_ij = ε + ω|α_i - α_j|, by solving for each pixel's F and B with the neighbours as they were:
/// with f and b the weighted means of the neighbours, S the sum of their weights, and r = (I - αf - (1-α)b) / (α² + (1-α)² + S),
/// F = f + αr and B = b + (1-α)r.
/// </summary>
/// <remarks>
/// A unit of work is a tile with a border as wide as there are iterations. What the missing neighbours of the border get wrong moves by
/// one pixel per iteration, so it never reaches the tile, whose result is therefore the same for any tiles and threads.
/// </remarks>
internal unsafe struct ForegroundLevel : ISimdJob
{
    /// <summary>ε and ω were chosen on composites of training photos (docs/cut-outs.md); an ω of 1 is clearly worse.</summary>
    public const float Smoothness = 1e-3f, AlphaWeight = 0.03f;

    private const int TileWidth = 128, TileHeight = 32;

    private const int Pad = 16; // the widest vector

    private readonly Matte _matte;
    private readonly int _shift, _width, _height, _coarserWidth, _coarserHeight, _iterations;
    private readonly float* _coarser;
    private readonly float* _finer;
    private readonly byte* _result;

    /// <summary>A level whose result is the start of the next one.</summary>
    /// <param name="matte">Image and alpha.</param>
    /// <param name="shift">How often their size is halved.</param>
    /// <param name="coarser">F and B of the coarser level, <c>[6, h, w]</c>.</param>
    /// <param name="finer">Receives F and B of this one, <c>[6, h, w]</c>.</param>
    public ForegroundLevel(Matte matte, int shift, float* coarser, float* finer)
    {
        (_matte, _shift) = (matte, shift);
        _coarser = coarser;
        _finer = finer;
        (_width, _height) = (matte.WidthAt(shift), matte.HeightAt(shift));
        (_coarserWidth, _coarserHeight) = (matte.WidthAt(shift + 1), matte.HeightAt(shift + 1));
        int side = Math.Max(_width, _height);
        _iterations = side == 1 ? 0 // a pixel without neighbours keeps the mean colours, its own
            : side <= ForegroundColors.SmallSide ? ForegroundColors.SmallIterations
            : ForegroundColors.Iterations;
    }

    /// <summary>The level of the full size.</summary>
    /// <param name="matte">Image and alpha.</param>
    /// <param name="shift">0.</param>
    /// <param name="coarser">F and B of the coarser level, <c>[6, h, w]</c>.</param>
    /// <param name="result">Receives red, green, blue and alpha, <c>[height, width, 4]</c>.</param>
    public ForegroundLevel(Matte matte, int shift, float* coarser, byte* result)
        : this(matte, shift, coarser, (float*)null) => _result = result;

    private readonly int TilesPerRow => (_width + TileWidth - 1) / TileWidth;

    public static void Run(in ForegroundLevel level, int threads, SimdLevel vectors)
        => SimdJob.Run(level, level.TilesPerRow * ((level._height + TileHeight - 1) / TileHeight), vectors, threads);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<V>(void* state, int unit)
        where V : unmanaged, ISimdVector<V, float>
    {
        ref readonly ForegroundLevel level = ref *(ForegroundLevel*)state;
        (int row, int column) = int.DivRem(unit, level.TilesPerRow);
        int x = column * TileWidth, y = row * TileHeight;
        Tile core = new(x, y, Math.Min(x + TileWidth, level._width), Math.Min(y + TileHeight, level._height));
        if (level._result is not null && !level.CopyDecided(core))
            return;
        int border = level._iterations;
        Tile tile = new(
            Math.Max(core.Left - border, 0), Math.Max(core.Top - border, 0),
            Math.Min(core.Right + border, level._width), Math.Min(core.Bottom + border, level._height));
        int stride = (tile.Width + 2 * Pad + Pad - 1) / Pad * Pad, plane = stride * (tile.Height + 2);
        const int Count = 6 + 1 + 4;
        using Scratch.Lease memory = Scratch.Rent((nint)sizeof(float) * Count * plane);
        new Span<float>(memory.Pointer, Count * plane).Clear();
        Maps maps = new((float*)memory.Pointer, plane, stride);
        level.Prepare<V>(tile, maps);
        for (int channel = 0; channel < 3; channel++)
        {
            level.Begin(tile, maps, channel);
            for (int i = 0; i < border; i++)
                Iterate<V>(tile, ref maps);
            level.Store(core, tile, maps, channel);
        }
    }

    /// <summary>Copies what needs no estimate into the result. Returns whether the tile has anything else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly bool CopyDecided(Tile core)
    {
        bool hasMore = false;
        for (int y = core.Top; y < core.Bottom; y++)
        {
            for (int x = core.Left; x < core.Right; x++)
            {
                long at = (long)y * _width + x;
                byte alpha = ToByte(_matte.Alpha[at]);
                _result[4 * at + 3] = alpha;
                hasMore |= alpha is > 0 and < 255;
                for (int channel = 0; channel < 3; channel++)
                    _result[4 * at + channel] = alpha == 255 ? ToByte(_matte.Image[channel * _matte.Pixels + at]) : (byte)0;
            }
        }
        return hasMore;
    }

    /// <summary>Alpha, the weights of the neighbours, and 1 / (α² + (1-α)² + S).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Prepare<V>(Tile tile, Maps maps)
        where V : unmanaged, ISimdVector<V, float>
    {
        for (int y = 0; y < tile.Height; y++)
        {
            float* alpha = maps.Row(maps.Alpha, y);
            Gather(_matte.Alpha, tile, y, alpha);
        }
        V one = V.Broadcast(1), smoothness = V.Broadcast(Smoothness);
        for (int y = 0; y < tile.Height; y++)
        {
            float* alpha = maps.Row(maps.Alpha, y);
            float* above = y > 0 ? alpha - maps.Stride : null;
            float* below = y < tile.Height - 1 ? alpha + maps.Stride : null;
            float* left = maps.Row(maps.Left, y), right = maps.Row(maps.Right, y), up = maps.Row(maps.Up, y), down = maps.Row(maps.Down, y);
            float* scale = maps.Row(maps.Scale, y);
            for (int x = 0; x < tile.Width; x += V.Width)
            {
                V a = V.Load(alpha + x);
                V.Store(Weight(smoothness, a, V.Load(alpha + x - 1)), left + x);
                V.Store(Weight(smoothness, a, V.Load(alpha + x + 1)), right + x);
                V.Store(above is null ? V.Broadcast(0) : Weight(smoothness, a, V.Load(above + x)), up + x);
                V.Store(below is null ? V.Broadcast(0) : Weight(smoothness, a, V.Load(below + x)), down + x);
            }
            left[0] = 0;
            right[tile.Width - 1] = 0;
            for (int x = 0; x < tile.Width; x += V.Width)
            {
                V a = V.Load(alpha + x), b = one - a, sum = V.Load(left + x) + V.Load(right + x) + V.Load(up + x) + V.Load(down + x);
                V share = one / V.Max(sum, smoothness); // 0 for an image of one pixel only
                V.Store(V.Load(left + x) * share, left + x);
                V.Store(V.Load(right + x) * share, right + x);
                V.Store(V.Load(up + x) * share, up + x);
                V.Store(V.Load(down + x) * share, down + x);
                V.Store(one / (a * a + b * b + sum), scale + x);
            }
        }

        static V Weight(V smoothness, V a, V other) => V.MultiplyAdd(V.Broadcast(AlphaWeight), V.Abs(a - other), smoothness);
    }

    /// <summary>The image's channel, and F and B of the coarser level.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Begin(Tile tile, Maps maps, int channel)
    {
        float* foreground = _coarser + (long)channel * _coarserWidth * _coarserHeight;
        float* background = foreground + 3L * _coarserWidth * _coarserHeight;
        float* colours = _matte.Image + channel * _matte.Pixels;
        for (int y = 0; y < tile.Height; y++)
        {
            long line = (long)(tile.Top + y >> 1) * _coarserWidth;
            float* f = maps.Row(maps.Foreground, y), b = maps.Row(maps.Background, y);
            Gather(colours, tile, y, maps.Row(maps.Image, y));
            for (int x = 0; x < tile.Width; x++)
            {
                f[x] = foreground[line + (tile.Left + x >> 1)];
                b[x] = background[line + (tile.Left + x >> 1)];
            }
        }
    }

    /// <summary>A row of a map at the full size, at this level.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Gather(float* map, Tile tile, int y, float* row)
    {
        float* line = _matte.Row(map, tile.Top + y, _shift);
        if (_shift == 0)
        {
            new Span<float>(line + tile.Left, tile.Width).CopyTo(new Span<float>(row, tile.Width));
            return;
        }
        for (int x = 0; x < tile.Width; x++)
            row[x] = line[_matte.Column(tile.Left + x, _shift)];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Iterate<V>(Tile tile, ref Maps maps)
        where V : unmanaged, ISimdVector<V, float>
    {
        V zero = V.Broadcast(0), one = V.Broadcast(1);
        int stride = maps.Stride;
        for (int y = 0; y < tile.Height; y++)
        {
            float* left = maps.Row(maps.Left, y), right = maps.Row(maps.Right, y), up = maps.Row(maps.Up, y), down = maps.Row(maps.Down, y);
            float* alpha = maps.Row(maps.Alpha, y), scale = maps.Row(maps.Scale, y), image = maps.Row(maps.Image, y);
            float* f = maps.Row(maps.Foreground, y), b = maps.Row(maps.Background, y);
            float* nextF = maps.Row(maps.NextForeground, y), nextB = maps.Row(maps.NextBackground, y);
            for (int x = 0; x < tile.Width; x += V.Width)
            {
                V a = V.Load(alpha + x), l = V.Load(left + x), r = V.Load(right + x), u = V.Load(up + x), d = V.Load(down + x);
                V meanF = V.MultiplyAdd(l, V.Load(f + x - 1), r * V.Load(f + x + 1))
                    + V.MultiplyAdd(u, V.Load(f + x - stride), d * V.Load(f + x + stride));
                V meanB = V.MultiplyAdd(l, V.Load(b + x - 1), r * V.Load(b + x + 1))
                    + V.MultiplyAdd(u, V.Load(b + x - stride), d * V.Load(b + x + stride));
                V error = V.Load(image + x) - V.MultiplyAdd(a, meanF - meanB, meanB);
                V step = error * V.Load(scale + x);
                V.Store(V.Min(V.Max(V.MultiplyAdd(a, step, meanF), zero), one), nextF + x);
                V.Store(V.Min(V.Max(V.MultiplyAdd(one - a, step, meanB), zero), one), nextB + x);
            }
        }
        maps.Swap();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Store(Tile core, Tile tile, Maps maps, int channel)
    {
        for (int y = core.Top; y < core.Bottom; y++)
        {
            int skipped = core.Left - tile.Left;
            float* f = maps.Row(maps.Foreground, y - tile.Top) + skipped, b = maps.Row(maps.Background, y - tile.Top) + skipped;
            long at = (long)y * _width + core.Left;
            if (_result is null)
            {
                long plane = (long)_width * _height;
                new Span<float>(f, core.Width).CopyTo(new Span<float>(_finer + channel * plane + at, core.Width));
                new Span<float>(b, core.Width).CopyTo(new Span<float>(_finer + (3 + channel) * plane + at, core.Width));
                continue;
            }
            byte* pixel = _result + 4 * at;
            for (int x = 0; x < core.Width; x++, pixel += 4)
            {
                if (pixel[3] is > 0 and < 255)
                    pixel[channel] = ToByte(f[x]);
            }
        }
    }

    private static byte ToByte(float value) => (byte)(value * 255f + 0.5f);

    /// <summary>A rectangle of the level's pixels.</summary>
    private readonly record struct Tile(int Left, int Top, int Right, int Bottom)
    {
        public int Width => Right - Left;

        public int Height => Bottom - Top;
    }

    /// <summary>The maps of a tile, each with a margin of zeros.</summary>
    private struct Maps(float* memory, int plane, int stride)
    {
        public readonly int Stride = stride;

        public readonly float* Alpha = memory, Scale = memory + plane, Image = memory + 2 * plane;

        public readonly float* Left = memory + 3 * plane, Right = memory + 4 * plane, Up = memory + 5 * plane, Down = memory + 6 * plane;

        public float* Foreground = memory + 7 * plane, Background = memory + 8 * plane;

        public float* NextForeground = memory + 9 * plane, NextBackground = memory + 10 * plane;

        public readonly float* Row(float* map, int y) => map + (y + 1) * Stride + Pad;

        public void Swap()
        {
            float* foreground = Foreground, background = Background;
            Foreground = NextForeground;
            Background = NextBackground;
            NextForeground = foreground;
            NextBackground = background;
        }
    }
}

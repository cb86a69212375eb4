using Spn.Imaging;
using Spn.Refinement;
using Spn.Video;
using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>Masks of a video.</summary>
public sealed class VideoSessionTests
{
    private const int Width = 192, Height = 128;

    /// <summary>A textured picture that moves by whole pixels per frame.</summary>
    private static ImageInput Frame(int motion, int seed = 1)
    {
        byte[] pixels = new byte[3 * Width * Height];
        for (int i = 0; i < Width * Height; i++)
        {
            (int y, int x) = int.DivRem(i, Width);
            double wave = Math.Sin((x - motion) * 0.31 + seed) * Math.Cos(y * 0.23 - seed * (x - motion) * 0.11);
            pixels.AsSpan(3 * i, 3).Fill((byte)((IsInside(x - motion, y) ? 170 : 80) + 40 * wave));
        }
        return ImageInput.FromPixels(pixels, Width, Height, PixelFormat.Rgb24);
    }

    private static Mask Next(VideoSession session, ImageInput frame, MaskInput coarse)
        => session.Refine(frame, coarse, TestContext.Current.CancellationToken);

    private static bool IsInside(int x, int y) => (x - 70) * (x - 70) + (y - 64) * (y - 64) < 40 * 40;

    /// <summary>The disc at a sixteenth of the size, with noise that differs in every frame.</summary>
    private static MaskInput Coarse(int motion, int frame)
    {
        Random random = new(frame);
        float[] cells = new float[12 * 8];
        for (int i = 0; i < cells.Length; i++)
        {
            int inside = 0;
            for (int k = 0; k < 256; k++)
                inside += IsInside(i % 12 * 16 + k % 16 - motion, i / 12 * 16 + k / 16) ? 1 : 0;
            cells[i] = (float)Math.Clamp(inside / 256.0 + 0.5 * (random.NextDouble() - 0.5), 0, 1);
        }
        return MaskInput.FromPixels(cells, 12, 8);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void Masks_flicker_less_and_are_no_worse(int motion)
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        VideoSession session = refiner.CreateVideoSession();
        (int Wrong, int Flicker) alone = default, steady = default;
        Mask? lastAlone = null, lastSteady = null;
        for (int t = 0; t < 32; t++)
        {
            (ImageInput frame, MaskInput coarse) = (Frame(motion * t), Coarse(motion * t, t));
            Mask first = refiner.Refine(frame, coarse), second = Next(session, frame, coarse);
            alone = (alone.Wrong + Wrong(first, motion * t), alone.Flicker + Flicker(lastAlone, first, motion * t, motion));
            steady = (steady.Wrong + Wrong(second, motion * t), steady.Flicker + Flicker(lastSteady, second, motion * t, motion));
            (lastAlone, lastSteady) = (first, second);
        }
        Assert.True(steady.Flicker < 0.9 * alone.Flicker, $"{alone} alone, {steady} in a session");
        Assert.True(steady.Wrong <= alone.Wrong, $"{alone} alone, {steady} in a session");
    }

    private static int Wrong(Mask mask, int motion)
        => Enumerable.Range(0, Width * Height).Count(i => mask.Pixels[i] >= 0.5f != IsInside(i % Width - motion, i / Width));

    private static int Flicker(Mask? before, Mask mask, int motion, int step) => before is null ? 0 : Enumerable.Range(0, Width * Height).Count(
        i => mask.Pixels[i] >= 0.5f != before.Pixels[i] >= 0.5f
            && IsInside(i % Width - motion, i / Width) == IsInside(i % Width - motion + step, i / Width));

    [Fact]
    public void The_first_frame_a_cut_and_another_size_stand_for_themselves()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        VideoSession session = refiner.CreateVideoSession();
        Same(Frame(0), Coarse(0, 1));
        Next(session, Frame(0), Coarse(0, 2));
        Same(Inverted(), Coarse(60, 3)); // a cut
        byte[] small = [.. Enumerable.Range(0, 3 * 96 * 64).Select(i => (byte)(i * 7))];
        Same(ImageInput.FromPixels(small, 96, 64, PixelFormat.Rgb24), Coarse(0, 4));
        session.Restart();
        Same(ImageInput.FromPixels(small, 96, 64, PixelFormat.Rgb24), Coarse(9, 5));

        void Same(ImageInput frame, MaskInput coarse)
            => Assert.Equal(refiner.Refine(frame, coarse).Pixels.ToArray(), Next(session, frame, coarse).Pixels.ToArray());

        static ImageInput Inverted()
        {
            float[] planes = Frame(60, seed: 3).ToPixels(out _, out _);
            byte[] pixels = new byte[planes.Length];
            for (int i = 0; i < pixels.Length; i++)
                pixels[i] = (byte)(255 * (1 - planes[i % 3 * (Width * Height) + i / 3]));
            return ImageInput.FromPixels(pixels, Width, Height, PixelFormat.Rgb24);
        }
    }

    [Fact]
    public void A_call_that_throws_leaves_the_session_as_it_was()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        VideoSession whole = refiner.CreateVideoSession(), disturbed = refiner.CreateVideoSession();
        Next(whole, Frame(0), Coarse(0, 1));
        Next(disturbed, Frame(0), Coarse(0, 1));
        Assert.ThrowsAny<ArgumentException>(() => Next(disturbed, Frame(9, seed: 5), MaskInput.FromPixels(new float[10 * 10], 10, 10)));
        Assert.Throws<ArgumentNullException>("coarseMask", () => Next(disturbed, Frame(0), null!));
        Assert.ThrowsAny<OperationCanceledException>(() => disturbed.Refine(Frame(9, seed: 5), Coarse(9, 7), new CancellationToken(true)));
        Assert.Equal(Next(whole, Frame(2), Coarse(2, 2)).Pixels.ToArray(), Next(disturbed, Frame(2), Coarse(2, 2)).Pixels.ToArray());
    }

    [Fact]
    public void Hard_output_is_hard_and_threads_change_nothing()
    {
        using Refiner one = SpnRefiner.Configure().OnCpu().WithMaxThreads(1).Build(), hard = SpnRefiner.Configure().OnCpu().WithHardOutput().Build(),
            all = SpnRefiner.Configure().OnCpu().WithMaxThreads(4).Build();
        VideoSession a = one.CreateVideoSession(), b = all.CreateVideoSession(), c = hard.CreateVideoSession();
        for (int t = 0; t < 3; t++)
        {
            Mask soft = Next(a, Frame(3 * t), Coarse(3 * t, t));
            Assert.Equal(soft.Pixels.ToArray(), Next(b, Frame(3 * t), Coarse(3 * t, t)).Pixels.ToArray());
            Assert.Equal(soft.Threshold().Pixels.ToArray(), Next(c, Frame(3 * t), Coarse(3 * t, t)).Pixels.ToArray());
        }
        one.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Next(a, Frame(0), Coarse(0, 0)));
        Assert.Throws<ObjectDisposedException>(one.CreateVideoSession);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(7, -3)]
    [InlineData(-18, 11)]
    public void Motion_of_a_picture_is_found(int x, int y)
    {
        using Planes first = Texture(0, 0), second = Texture(x, y);
        GreyPyramid before = new(Width, Height), now = new(Width, Height);
        before.Read(first);
        now.Read(second);
        BlockMotion motion = BlockMotion.Between(before, now, new Focus(48, 96, 64, 128), new ParallelOptions { MaxDegreeOfParallelism = 2 });
        Assert.All(motion.X, value => Assert.Equal(-x, value));
        Assert.All(motion.Y, value => Assert.Equal(-y, value));
        Assert.All(motion.Difference, value => Assert.Equal(0, value, 1e-6f));

        static Planes Texture(int x, int y)
        {
            const int Cell = 8, Cells = 64;
            Random random = new(3);
            float[] cells = [.. Enumerable.Range(0, Cells * Cells).Select(_ => random.NextSingle())];
            Planes planes = new(3, Height, Width);
            for (int i = 0; i < planes.Pixels; i++)
            {
                (int column, float across) = Place(i % Width - x);
                (int row, float down) = Place(i / Width - y);
                float upper = Between(row * Cells + column, across), lower = Between((row + 1) * Cells + column, across);
                float value = upper + down * (lower - upper);
                (planes[0][i], planes[1][i], planes[2][i]) = (value, value, value);
            }
            return planes;

            float Between(int cell, float across) => cells[cell] + across * (cells[cell + 1] - cells[cell]);

            static (int Index, float Fraction) Place(int position)
                => ((position + 128) / Cell, (position + 128) % Cell / (float)Cell);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 70)]
    [InlineData(33, 17)]
    public void Tiny_frames_work(int width, int height)
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        VideoSession session = refiner.CreateVideoSession();
        Random random = new(7);
        for (int t = 0; t < 3; t++)
        {
            byte[] pixels = new byte[3 * width * height];
            random.NextBytes(pixels);
            float[] mask = [.. Enumerable.Range(0, width * height).Select(_ => random.NextSingle())];
            Mask refined = Next(session, ImageInput.FromPixels(pixels, width, height, PixelFormat.Rgb24), MaskInput.FromPixels(mask, width, height));
            Assert.All(refined.Pixels.ToArray(), value => Assert.InRange(value, 0, 1));
        }
    }
}

using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.SystemTests.LargeImages;

/// <summary>
/// Large images are not worked on at a lower resolution: in 16 megapixels lines of two pixels, which the coarse mask knows only as a blur, survive, all but the faintest, and come out
/// sharper on the whole. Some that run along the rows lose of what they had, which the model's card tells.
/// </summary>
[Collection(nameof(Alone))]
public sealed class ThinLineTests(ITestOutputHelper output)
{
    private const int Blur = 4; // the coarse mask is that many times smaller

    [Fact]
    public void Lines_of_two_pixels_survive_and_get_sharper()
    {
        const int width = 4896, height = 3264;
        using DisposeScope scope = NewDisposeScope();
        float[] rgb = new float[3 * width * height], truth = new float[width * height];
        Paint(rgb, truth, width, height);
        Tensor image = tensor(rgb, [3, height, width]), exact = tensor(truth, [1, 1, height, width]);
        Tensor coarse = nn.functional.interpolate(
            nn.functional.avg_pool2d(exact, Blur, ceil_mode: true), size: [height, width], mode: InterpolationMode.Bilinear, align_corners: false)[0];
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        Tensor refined = refiner.Refine(image, coarse);

        (double On, double Beside) before = (0, 0), after = (0, 0);
        int kept = 0;
        Line[] lines = [.. Lines(width, height)];
        foreach (Line line in lines)
        {
            (double onBefore, double besideBefore) = Measure(coarse, line);
            (double on, double beside) = Measure(refined, line);
            output.WriteLine($"{line}: on {onBefore:F3} -> {on:F3}, beside {besideBefore:F3} -> {beside:F3}");
            before = (before.On + onBefore / lines.Length, before.Beside + besideBefore / lines.Length);
            after = (after.On + on / lines.Length, after.Beside + beside / lines.Length);
            kept += on > 0.5 * onBefore ? 1 : 0;
        }
        output.WriteLine($"mean: on {before.On:F3} -> {after.On:F3}, beside {before.Beside:F3} -> {after.Beside:F3}");
        Assert.InRange(kept, lines.Length - 2, lines.Length);
        Assert.InRange(after.On, before.On + 0.05, 1);
        Assert.InRange(after.Beside, 0, before.Beside * 0.75);
    }

    /// <summary>A dark disc with dark lines that run out of it, in front of a bright gradient with a little noise.</summary>
    private static void Paint(float[] rgb, float[] truth, int width, int height)
    {
        var random = new Random(5);
        int plane = width * height;
        Line[] lines = [.. Lines(width, height)];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double dx = x - width / 2.0, dy = y - height / 2.0;
                bool inside = dx * dx + dy * dy < height * height / 45.0 || lines.Any(line => line.Covers(x, y));
                float noise = (random.NextSingle() - 0.5f) / 40;
                for (int channel = 0; channel < 3; channel++)
                    rgb[channel * plane + y * width + x] = (inside ? 0.2f + 0.03f * channel : 0.5f + 0.1f * channel + 0.15f * x / width) + noise;
                truth[y * width + x] = inside ? 1 : 0;
            }
        }
    }

    private static IEnumerable<Line> Lines(int width, int height)
    {
        // Those along an axis lie on each of the four places that they can have on the coarse mask's grid.
        for (int shift = 0; shift < 4; shift++)
        {
            int x = width / 2 / Blur * Blur + (shift - 2) * 13, y = height / 2 / Blur * Blur + (shift - 2) * 13;
            yield return new Line(x, y, 1, 0, height * 0.2, height * 0.45);
            yield return new Line(x, y, 0, -1, height * 0.2, height * 0.45);
        }
        yield return new Line(width / 2.0, height / 2.0, -0.8, 0.6, height * 0.2, height * 0.45);
        yield return new Line(width / 2.0, height / 2.0, -0.95, -0.31, height * 0.2, height * 0.45);
    }

    /// <summary>Means on the line, and 5 pixels beside it on both sides.</summary>
    private static (double On, double Beside) Measure(Tensor map, Line line)
    {
        using DisposeScope scope = NewDisposeScope();
        float[] values = map.reshape(-1).data<float>().ToArray();
        int width = (int)map.shape[^1];
        double on = 0, beside = 0;
        int count = 0;
        for (double t = line.Begin + 10; t < line.End - 10; t++, count++)
        {
            on += At(t, 0);
            beside += (At(t, 5) + At(t, -5)) / 2;
        }
        return (on / count, beside / count);

        float At(double along, double across)
            => values[(int)Math.Floor(line.Y + along * line.Dy + across * line.Dx) * width + (int)Math.Floor(line.X + along * line.Dx - across * line.Dy)];
    }

    private readonly record struct Line(double X, double Y, double Dx, double Dy, double Begin, double End)
    {
        /// <summary>Whether a pixel's middle is within a pixel of the line.</summary>
        public bool Covers(int x, int y)
        {
            double rx = x + 0.5 - X, ry = y + 0.5 - Y, along = rx * Dx + ry * Dy;
            return Math.Abs(ry * Dx - rx * Dy) < 1 && along >= 0 && along < End;
        }
    }
}

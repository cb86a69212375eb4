using System.Diagnostics;
using System.Globalization;
using Spn.Models;
using Spn.Paper.Report;
using Spn.Segmentation;
using Spn.Segmentation.Torch;
using Spn.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Paper.Experiments;

/// <summary>
/// Slide 32: the time for 21 classes at 512 x 512. The methods take turns, so that a busy machine disturbs all of them alike.
/// </summary>
internal static class RuntimeExperiment
{
    private const int Size = 512, Classes = 21, Turns = 5;

    public static string Run()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        LabeledImage scene = new SceneGenerator(1, new SceneOptions { Width = Size, Height = Size }).Image(1);
        ImageInput image = ImageInput.FromPixels(scene.Rgb, Size, Size, PixelFormat.Rgb24);
        ClassProbabilities coarse = Coarse();
        Tensor pixels = image.ToTensor(), planes = tensor(coarse.Pixels.ToArray(), [1, Classes, Size, Size]), logits = planes.log();
        (string Name, string Slides, Action Refine)[] methods = [.. Methods()];
        double[][] elapsed = [.. methods.Select(_ => new double[Turns])], processor = [.. methods.Select(_ => new double[Turns])];
        for (int turn = -1; turn < Turns; turn++)
        {
            for (int i = 0; i < methods.Length; i++)
            {
                TimeSpan before = Environment.CpuUsage.TotalTime;
                long start = Stopwatch.GetTimestamp();
                methods[i].Refine();
                if (turn < 0)
                    continue; // the first turn compiles
                elapsed[i][turn] = Stopwatch.GetElapsedTime(start).TotalSeconds;
                processor[i][turn] = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
            }
        }
        var table = new Table(["elapsed, s", "processor time, s", "slides, s"]);
        for (int i = 0; i < methods.Length; i++)
            table.Add(methods[i].Name, [Median(elapsed[i]), Median(processor[i]), methods[i].Slides]);
        return string.Create(CultureInfo.InvariantCulture, $"""
            # Runtime: slide 32

            {Classes} classes at {Size} x {Size}, all of them present in the picture, from image and probabilities to probabilities: median
            of {Turns} (minimum to maximum), in turns, after one call each. {Environment.ProcessorCount} processor cores, no GPU (the
            slides: SPN and CRF as RNN on a GPU).

            {table}
            """);

        IEnumerable<(string, string, Action)> Methods()
        {
            var crf = new DenseCrf(DenseCrfOptions.KrahenbuhlKoltun);
            yield return ("dense CRF, Krähenbühl and Koltun", "3.2 to 4.4", () => crf.Refine(image, coarse));
            var deepLab = new DenseCrf(DenseCrfOptions.DeepLabResNet101);
            yield return ("dense CRF, DeepLab v2", "3.2 to 4.4", () => deepLab.Refine(image, coarse));
            var recurrent = new CrfAsRnn(Classes);
            recurrent.eval();
            yield return ("CRF as RNN", "about 1", () => recurrent.forward(pixels, logits).Dispose());
            yield return ("SPN, VGG16 guidance, 32 maps", "0.08", Slides(GuidanceKind.Vgg16, 32));
            yield return ("SPN, compact guidance, 16 maps", "", Slides(GuidanceKind.Compact, 16));
            Refiner fast = SpnRefiner.Configure().WithModel(SpnModel.Fast).Build();
            yield return ("Fast", "", () => fast.Refine(image, coarse));
        }

        Action Slides(GuidanceKind guidance, int channels)
        {
            var network = new SpatialPropagationNetwork(configuration: new SpnConfiguration { Guidance = guidance, Channels = channels });
            network.eval();
            return () => network.forward(pixels, planes).Dispose();
        }
    }

    /// <summary>The classes of the nearest of 21 points, with soft boundaries.</summary>
    private static ClassProbabilities Coarse()
    {
        const float softness = 400;
        var random = new Random(1);
        (float X, float Y)[] centers =
            [.. Enumerable.Range(0, Classes).Select(_ => (Size * random.NextSingle(), Size * random.NextSingle()))];
        float[] values = new float[Classes * Size * Size];
        for (int i = 0; i < Size * Size; i++)
        {
            float[] distances = [.. centers.Select(center => Squared(i % Size - center.X) + Squared(i / Size - center.Y))];
            float[] shares = [.. distances.Select(distance => MathF.Exp((distances.Min() - distance) / softness))];
            for (int k = 0; k < Classes; k++)
                values[k * Size * Size + i] = Math.Max(1e-5f, shares[k] / shares.Sum());
        }
        return ClassProbabilities.FromPixels(values, Classes, Size, Size);

        static float Squared(float value) => value * value;
    }

    private static string Median(double[] times)
    {
        Array.Sort(times);
        return string.Create(CultureInfo.InvariantCulture, $"{times[Turns / 2]:0.00} ({times[0]:0.00} to {times[^1]:0.00})");
    }
}

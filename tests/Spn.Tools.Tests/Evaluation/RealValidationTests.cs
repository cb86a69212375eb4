using Spn.Evaluation;
using Spn.Evaluation.Classes;
using Spn.Evaluation.Methods;
using Spn.Evaluation.Networks;
using Spn.Evaluation.Report;
using Spn.Metrics;
using Xunit;

namespace Spn.Tools.Tests.Evaluation;

/// <summary>What real networks produce: a change of the default model, or of how it is used, that costs quality shows here.</summary>
public sealed class RealValidationTests(ITestOutputHelper output)
{
    private static RealArguments Arguments(params string[] options)
        => RealArguments.Parse([Path.Combine(Repository.Shared(), "data"), "--model", "Fast", "--peers", "no", .. options]);

    private static string Require(string folder)
    {
        OpenCv.Require();
        string path = Path.Combine(Repository.Shared(), "data", folder);
        Assert.SkipUnless(Directory.Exists(path), $"No data set '{path}'.");
        return path;
    }

    /// <summary>Ten frames. All 39 frames: +3.00 IoU and +6.74 mBA in percent (docs/experiments-real-masks.md).</summary>
    [Fact]
    public void Masks_of_networks_gain()
    {
        Require("davis-networks");
        RealArguments arguments = Arguments("--every", "4");
        List<Score> scores = MaskSuite.Davis(arguments.Data).Run(arguments, new MethodSet(arguments.Models, peers: false));
        double iou = Gain(score => score.IoU), mba = Gain(score => score.Mba);
        output.WriteLine($"{scores.Count / 2} masks, IoU {iou:+0.0000;-0.0000}, mBA {mba:+0.0000;-0.0000}");
        Assert.True(iou > 0.015 && mba > 0.04, $"IoU {iou:+0.0000;-0.0000}, mBA {mba:+0.0000;-0.0000}");

        double Gain(Func<Score, double> figure)
            => scores.GroupBy(score => score.Method == "coarse mask").Sum(group => (group.Key ? -1 : 1) * group.Average(figure));
    }

    /// <summary>Every 24th photo of part A. Without competition, far changes of the first network cost 0.8 % of all pixels.</summary>
    [Fact]
    public void Classes_of_networks_gain_at_boundaries_and_do_not_grow_into_objects()
    {
        Require("voc");
        RealArguments arguments = Arguments("--every", "24", "--part", "A");
        List<ClassScore> scores = new ClassSuite(arguments, new MethodSet(arguments.Models, peers: false)).Run();
        foreach (string network in ClassSuite.Networks)
        {
            ConfusionMatrix before = Near("network, bilinear"), after = Near("SpnModel Fast");
            double far = scores.Where(score => score.Network == network).Sum(score => score.FarRight - score.FarWrong)
                / (double)scores.Where(score => score.Network == network && score.Method == "SpnModel Fast").Sum(score => score.All.Pixels);
            output.WriteLine($"{network}: accuracy near boundaries {before.PixelAccuracy:0.0000} to {after.PixelAccuracy:0.0000}, far {far:+0.00000;-0.00000}");
            Assert.True(after.PixelAccuracy > before.PixelAccuracy + 0.01, $"{network}: {before.PixelAccuracy:0.0000} to {after.PixelAccuracy:0.0000}");
            Assert.True(far > -0.006, $"{network}: {far:+0.00000;-0.00000}");

            ConfusionMatrix Near(string method)
            {
                ConfusionMatrix sum = new(ClassScore.Labels);
                foreach (ClassScore score in scores.Where(score => score.Network == network && score.Method == method))
                    sum.Add(score.Near);
                return sum;
            }
        }
    }
}

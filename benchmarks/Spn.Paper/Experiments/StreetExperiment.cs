using System.Globalization;
using Spn.Metrics;
using Spn.Paper.Data;
using Spn.Paper.Report;
using Spn.Paper.Training;
using Spn.Propagation;
using Spn.Segmentation;
using Spn.Segmentation.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Paper.Experiments;

/// <summary>
/// Slides 30 and 31 on street scenes, end to end: three base networks trained here, each alone and with a dense CRF, CRF as RNN, one-way
/// SPN and SPN. The refinements are trained on one network's classes and applied to all.
/// </summary>
internal sealed class StreetExperiment(Arguments arguments)
{
    private const int BatchSize = 4, WidthDivisor = 8;
    private const double Rate = 2e-3, RefinementRate = 4e-3, CrfRate = 2e-2, RefinementShare = 0.5;

    // The setting of a published script for CamVid at 480 x 360, with positions for half of that size.
    private static readonly DenseCrfOptions s_crf = new()
    {
        AppearanceWeight = 5, AppearancePosition = 25, AppearanceColor = 3, SmoothnessWeight = 3, SmoothnessPosition = 1.5f,
    };

    private static readonly (string Name, Func<ConfusionMatrix, double> Figure)[] s_columns =
    [
        ("accuracy", counts => counts.PixelAccuracy), ("mean accuracy", counts => counts.MeanAccuracy), ("mIoU", counts => counts.MeanIoU),
    ];

    private static readonly (string System, double[] Figures)[] s_slides =
    [
        ("FCN-8s", [91.22, 77.61, 65.51]), ("FCN-8s + one-way", [90.64, 70.64, 60.95]), ("FCN-8s + SPN", [92.90, 79.49, 69.86]),
        ("DeepLab VGG16", [92.61, 80.97, 68.97]), ("DeepLab VGG16 + one-way", [92.16, 73.53, 64.42]),
        ("DeepLab VGG16 + SPN", [93.83, 83.15, 73.12]),
        ("DeepLab ResNet101", [94.63, 84.16, 76.46]), ("DeepLab ResNet101 + one-way", [94.12, 77.46, 72.02]),
        ("DeepLab ResNet101 + SPN", [95.49, 86.09, 79.76]),
    ];

    private readonly Run _run = new(Path.Combine(arguments.Out, "streets"), arguments.Budget, arguments.Seed);
    private readonly List<string> _notes = [];

    public string Run()
    {
        string folder = Path.Combine(arguments.Data, "camvid");
        Picture[] training = StreetData.Load(folder, "training");
        Picture[] test = [.. StreetData.Load(folder, "test").Where((_, i) => i % arguments.Every == 0)];
        (string Name, nn.Module<Tensor, Tensor> Network)[] bases =
        [
            ("DeepLab VGG16", new DeepLabVgg16(StreetData.Classes, WidthDivisor)),
            ("FCN-8s", new Fcn8s(StreetData.Classes, WidthDivisor)),
            ("DeepLab ResNet101", new DeepLabResNet101(StreetData.Classes, WidthDivisor)),
        ];
        foreach ((string name, nn.Module<Tensor, Tensor> network) in bases)
            Train(name, network, Rate, random => Batches.CrossEntropy(network, Batches.Random(training, BatchSize, random)), 1);

        (string Name, Func<Tensor, Tensor, Tensor> Refine)[] refinements =
            [("dense CRF", DenseCrf), .. Trained(bases[0].Network, training)];
        var table = new Table([.. s_columns.Select(column => column.Name)]);
        foreach ((string name, nn.Module<Tensor, Tensor> network) in bases)
        {
            Add(name, picture => network.forward(Tensors.Images([picture])));
            foreach ((string refinement, Func<Tensor, Tensor, Tensor> refine) in refinements)
            {
                Add($"{name} + {refinement}", picture =>
                {
                    Tensor image = Tensors.Images([picture]);
                    return refine(image, network.forward(image));
                });
            }
        }
        foreach ((string system, double[] figures) in s_slides)
            table.AddSlides(system, figures);
        return Text(table, training.Length, test.Length);

        void Add(string system, Func<Picture, Tensor> classes)
        {
            Scores scores = Measurement.Of(test, StreetData.Classes, classes);
            table.Add(system, s_columns.Select(column => (scores.Of(column.Figure), scores.ErrorOf(column.Figure))));
        }
    }

    /// <summary>The refinements that learn, trained on the classes of one network, which stays as it is.</summary>
    private IEnumerable<(string Name, Func<Tensor, Tensor, Tensor> Refine)> Trained(nn.Module<Tensor, Tensor> network, Picture[] training)
    {
        var crf = new CrfAsRnn(StreetData.Classes);
        Refinement("CRF as RNN", crf, CrfRate, crf.forward);
        yield return ("CRF as RNN", crf.forward);
        foreach ((GateConnection connection, string name) in new[] { (GateConnection.OneWay, "one-way"), (GateConnection.ThreeWay, "SPN") })
        {
            var propagation = new SpatialPropagationNetwork(connection);
            Func<Tensor, Tensor, Tensor> refine = (image, logits) => propagation.forward(image, logits.softmax(1));
            Refinement(name, propagation, RefinementRate, refine);
            yield return (name, refine);
        }

        void Refinement(string name, nn.Module module, double rate, Func<Tensor, Tensor, Tensor> refine)
            => Train(name, module, rate, random =>
            {
                Picture[] batch = Batches.Random(training, BatchSize / 2, random);
                Tensor images = Tensors.Images(batch);
                return nn.functional.cross_entropy(refine(images, Batches.Frozen(network, images)), Tensors.Labels(batch));
            }, RefinementShare);
    }

    private void Train(string name, nn.Module module, double rate, Func<Random, Tensor> loss, double share)
    {
        RunResult trained = _run.Train(name, module, rate, loss, share);
        _notes.Add($"{name}: {trained}");
    }

    private static Tensor DenseCrf(Tensor image, Tensor logits)
    {
        (int classes, int height, int width) = ((int)logits.shape[1], (int)logits.shape[2], (int)logits.shape[3]);
        using Tensor probabilities = logits.softmax(1);
        var coarse = ClassProbabilities.FromPixels(probabilities.data<float>().ToArray(), classes, width, height);
        ClassProbabilities refined = new DenseCrf(s_crf).Refine(image!, coarse);
        return tensor(refined.Pixels.ToArray(), [1, classes, height, width]);
    }

    private string Text(Table table, int training, int test)
        => string.Create(CultureInfo.InvariantCulture, $"""
            # Street scenes: the systems of slides 30 and 31, end to end

            Figures in percent ± their bootstrap standard deviation over the test images.

            {table}
            What differs from the slides: CamVid with {training} training and {test} test frames (the slides: Pascal VOC) at
            {StreetData.Width} x {StreetData.Height} pixels; base networks with an eighth of the maps, trained here from random weights (the
            slides: full width, from ImageNet); refinements trained on the classes of DeepLab VGG16 and applied to all three; the compact
            guidance network with softmax gates; AdamW, seed {arguments.Seed}, {arguments.Budget} for each base network and half of it for
            each refinement. {string.Join("; ", _notes)}.
            """);
}

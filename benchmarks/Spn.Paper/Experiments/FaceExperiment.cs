using System.Globalization;
using Spn.Metrics;
using Spn.Paper.Data;
using Spn.Paper.Report;
using Spn.Paper.Training;
using Spn.Propagation;
using Spn.Segmentation.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Paper.Experiments;

/// <summary>
/// Slide 25: F-scores of face parts. CNN-base, CNN-Highres, the multi-objective network, and CNN-base with one-way and three-way SPN.
/// </summary>
internal sealed class FaceExperiment(Arguments arguments)
{
    private const int Size = 128, HighResolution = 256, BatchSize = 8, ObjectiveDivisor = 4;
    private const int ShownFaces = 8;
    private const double Rate = 4e-3, Half = 0.5; // of the budget, for all but CNN-base

    // Scored classes: background, skin, brows, eyes, nose, upper lip, inner mouth, lower lip, hair.
    private const int ScoredClasses = 9;

    private static readonly (string Name, Func<ConfusionMatrix, double> Figure)[] s_columns =
    [
        ("skin", counts => counts.FScore(1)), ("brows", counts => counts.FScore(2)), ("eyes", counts => counts.FScore(3)),
        ("nose", counts => counts.FScore(4)), ("mouth", counts => counts.FScoreOfUnion(5, 6, 7)), ("upper lip", counts => counts.FScore(5)),
        ("lower lip", counts => counts.FScore(7)), ("inner mouth", counts => counts.FScore(6)),
        ("overall", counts => counts.OverallFScore(2, 3, 4, 5, 6, 7)),
    ];

    private static readonly (string System, double[] Figures)[] s_slides =
    [
        ("Multi-objective", [90.87, 69.89, 74.74, 90.23, 82.07, 59.22, 66.30, 81.70, 83.68]),
        ("CNN-base", [90.53, 70.09, 74.86, 89.16, 83.83, 55.61, 64.88, 71.27, 82.89]),
        ("CNN-Highres", [91.78, 71.84, 74.46, 89.42, 81.83, 68.15, 72.00, 71.95, 83.21]),
        ("CNN-base + one-way", [92.26, 75.05, 85.44, 91.51, 88.13, 77.61, 70.81, 79.95, 87.09]),
        ("CNN-base + SPN", [93.10, 78.53, 87.71, 92.62, 91.08, 80.17, 71.53, 83.13, 89.30]),
    ];

    private readonly string _folder = Path.Combine(arguments.Data, "faces");
    private readonly Run _run = new(Path.Combine(arguments.Out, "faces"), arguments.Budget, arguments.Seed);

    public string Run()
    {
        Picture[] training = FaceData.Load(_folder, "training", Size);
        Picture[] test = [.. FaceData.Load(_folder, "test", Size).Where((_, i) => i % arguments.Every == 0)];
        var table = new Table([.. s_columns.Select(column => column.Name)]);
        var notes = new List<string>();
        var sheet = new PictureSheet([.. test.Take(ShownFaces)]);

        var objectives = new MultiObjectiveNetwork(FaceData.Classes, widthDivisor: ObjectiveDivisor);
        using Tensor priors = Priors(training);
        RunResult result = _run.Train("multi-objective", objectives, Rate, random =>
        {
            Picture[] batch = Batch(training, random);
            return MultiObjectiveNetwork.Loss(objectives.forward(Tensors.Images(batch), Each(priors, batch.Length)), Tensors.Labels(batch));
        }, Half);
        Add("Multi-objective", result, picture =>
        {
            (Tensor classes, Tensor edges) = objectives.forward(Tensors.Images([picture]), priors);
            return LabelSmoothing.Smooth(classes, edges);
        });

        var plain = new FaceNetwork(FaceData.Classes);
        result = _run.Train("base", plain, Rate, random => Batches.CrossEntropy(plain, Batch(training, random)));
        Add("CNN-base", result, picture => plain.forward(Tensors.Images([picture])));

        AddHighResolution(plain);
        foreach ((GateConnection connection, string name) in new[] { (GateConnection.OneWay, "one-way"), (GateConnection.ThreeWay, "SPN") })
        {
            var propagation = new SpatialPropagationNetwork(connection);
            PretrainedGuidance.LoadInto(propagation);
            result = _run.Train(name, propagation, Rate, random =>
            {
                Picture[] batch = Batch(training, random);
                Tensor images = Tensors.Images(batch);
                Tensor coarse = Batches.Frozen(plain, images).softmax(1);
                return nn.functional.cross_entropy(propagation.forward(images, coarse), Tensors.Labels(batch));
            }, Half);
            Add($"CNN-base + {name}", result, picture =>
            {
                Tensor image = Tensors.Images([picture]);
                return propagation.forward(image, Batches.Frozen(plain, image).softmax(1));
            });
        }

        foreach ((string system, double[] figures) in s_slides)
            table.AddSlides(system, figures);
        sheet.Save(Path.Combine(arguments.Out, "paper-faces.png"));
        return Text(table, notes, training.Length, test.Length);

        void AddHighResolution(FaceNetwork lower)
        {
            Picture[] large = FaceData.Load(_folder, "training", HighResolution);
            Picture[] largeTest = FaceData.Load(_folder, "test", HighResolution);
            Dictionary<string, Picture> byName = largeTest.ToDictionary(picture => picture.Name);
            var high = new FaceNetwork(FaceData.Classes);
            high.load_state_dict(lower.state_dict());
            RunResult trained = _run.Train(
                "highres", high, Rate / 2, random => Batches.CrossEntropy(high, Batch(large, random, BatchSize / 2)), Half);
            Add("CNN-Highres", trained, picture => nn.functional.avg_pool2d(high.forward(Tensors.Images([byName[picture.Name]])), 2));
        }

        void Add(string system, RunResult trained, Func<Picture, Tensor> classes)
        {
            Scores scores = Measurement.Of(test, ScoredClasses, classes, FaceData.Scored);
            table.Add(system, s_columns.Select(column => (scores.Of(column.Figure), scores.ErrorOf(column.Figure))));
            sheet.Add(system, picture => Predict(picture, classes));
            notes.Add($"{system}: {trained}");
        }
    }

    private static LabelMap Predict(Picture picture, Func<Picture, Tensor> classes)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return Tensors.Winners(classes(picture));
    }

    private static Picture[] Batch(Picture[] training, Random random, int size = BatchSize)
        => Batches.Random(training, size, random, FaceData.Mirrored);

    private static Tensor Each(Tensor priors, int batch) => priors.expand(batch, -1, -1, -1).contiguous();

    /// <summary>The means of skin, of hair, and of the parts between them over the training faces, which share one frame.</summary>
    private static Tensor Priors(Picture[] training)
    {
        float[] sums = new float[3 * Size * Size];
        foreach (Picture picture in training)
        {
            for (int i = 0; i < picture.Labels.Length; i++)
            {
                int map = picture.Labels[i] switch { 0 => -1, 1 => 0, 10 => 1, _ => 2 };
                if (map >= 0)
                    sums[map * picture.Labels.Length + i] += 1f / training.Length;
            }
        }
        return tensor(sums, [1, 3, Size, Size]).DetachFromDisposeScope();
    }

    private string Text(Table table, List<string> notes, int training, int test)
        => string.Create(CultureInfo.InvariantCulture, $"""
            # Faces: the F-scores of slide 25

            F-scores in percent ± their bootstrap standard deviation over the test images. Brows and eyes are the two of a pair together;
            mouth is the union of lips and inner mouth; overall counts brows, eyes, nose and the parts of the mouth.

            {table}
            What differs from the slides: {training} training and {test} test faces of CelebAMask-HQ with Helen's 11 classes (the slides:
            Helen, 2,000 and 100); 128 x 128 pixels, at which all systems are scored; the multi-objective network has a quarter of the
            maps, and its priors are the means of skin, hair and parts; CNN-Highres is CNN-base at 256 x 256, trained on from its
            weights, because its layers are not published; the guidance network of one-way and SPN begins with the weights of `Fast`, with
            softmax gates; AdamW, seed {arguments.Seed}, {arguments.Budget} for CNN-base
            and half of it for each of the others.
            {string.Join("; ", notes)}.
            """);
}

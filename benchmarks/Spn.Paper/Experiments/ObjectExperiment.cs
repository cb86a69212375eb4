using System.Globalization;
using Spn.Evaluation.Classes;
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
/// Slides 30 and 31 on Pascal VOC: the class probabilities of three published networks, refined with dense CRFs, CRF as RNN, one-way SPN,
/// SPN and, if it is given, a model file. What learns is trained on one network's classes and applied to all.
/// </summary>
internal sealed class ObjectExperiment(Arguments arguments)
{
    private const double Rate = 4e-3, CrfRate = 2e-2;
    private const double CrfShare = 0.5;

    private static readonly (string System, double[] Figures)[] s_slides =
    [
        ("FCN-8s", [91.22, 77.61, 65.51]), ("FCN-8s + one-way", [90.64, 70.64, 60.95]), ("FCN-8s + SPN", [92.90, 79.49, 69.86]),
        ("DeepLab VGG16", [92.61, 80.97, 68.97]), ("DeepLab VGG16 + one-way", [92.16, 73.53, 64.42]),
        ("DeepLab VGG16 + SPN", [93.83, 83.15, 73.12]),
        ("DeepLab ResNet101", [94.63, 84.16, 76.46]), ("DeepLab ResNet101 + one-way", [94.12, 77.46, 72.02]),
        ("DeepLab ResNet101 + SPN", [95.49, 86.09, 79.76]),
    ];

    private readonly string _folder = Path.Combine(arguments.Data, "voc");
    private readonly Run _run = new(Path.Combine(arguments.Out, "objects"), arguments.Budget, arguments.Seed);
    private readonly List<string> _notes = [];

    public string Run()
    {
        List<IClassMethod> methods =
        [
            new NetworkMethod(),
            new DenseCrfClassMethod("Krähenbühl and Koltun", DenseCrfOptions.KrahenbuhlKoltun),
            new DenseCrfClassMethod("DeepLab v2, ResNet101", DenseCrfOptions.DeepLabResNet101),
            .. Trained(),
        ];
        if (arguments.Model is string model)
            methods.Add(new RefinerClassMethod(Path.GetFileNameWithoutExtension(model), Evaluation.Methods.Models.Load(model)));

        var scores = new List<ClassScore>();
        foreach (string network in ClassSuite.Networks)
        {
            var part = new VocPart(_folder, "B.txt", network);
            foreach (string name in part.Names.Where((_, i) => i % arguments.Every == 0))
            {
                using ClassPhoto photo = part.Open(name);
                scores.AddRange(ClassScore.AllOf(photo, network, methods));
            }
        }
        return Text(scores);
    }

    private IEnumerable<IClassMethod> Trained()
    {
        ClassCrops crops = new(
        [
            new VocPart(_folder, "A.txt", ClassSuite.Networks[0]),
            new VocPart(Path.Combine(_folder, "train"), "fine.txt", ClassSuite.Networks[0]),
            new VocPart(Path.Combine(_folder, "train"), "sbd.txt", ClassSuite.Networks[0]),
        ]);
        var crf = new CrfAsRnn(ClassCrops.AllClasses);
        Train("CRF as RNN", crf, CrfRate, random =>
        {
            (Tensor images, Tensor coarse, Tensor labels) = crops.WithAllClasses(random);
            return nn.functional.cross_entropy(crf.forward(images, coarse.log()), labels);
        }, CrfShare);
        yield return new CrfAsRnnClassMethod(crf);
        foreach ((GateConnection connection, string name) in new[] { (GateConnection.OneWay, "one-way"), (GateConnection.ThreeWay, "SPN") })
        {
            var propagation = new SpatialPropagationNetwork(connection);
            PretrainedGuidance.LoadInto(propagation);
            Train(name, propagation, Rate, random =>
            {
                (Tensor images, Tensor coarse, Tensor labels) = crops.WithSomeClasses(random);
                return nn.functional.cross_entropy(propagation.forward(images, coarse), labels); // classes compete, as in the talk
            }, 1);
            yield return new PropagationClassMethod(name, propagation);
        }
    }

    private void Train(string name, nn.Module module, double rate, Func<Random, Tensor> loss, double share)
    {
        RunResult trained = _run.Train(name, module, rate, loss, share);
        _notes.Add($"{name}: {trained}");
    }

    private string Text(List<ClassScore> scores)
    {
        var slides = new Table(["accuracy", "mean accuracy", "mIoU"]);
        foreach ((string system, double[] figures) in s_slides)
            slides.AddSlides(system, figures);
        slides.Add("*slides: DeepLab VGG16 + dense CRF*", ["", "", "*71.6*"]);
        slides.Add("*slides: DeepLab ResNet101 + dense CRF*", ["", "", "*77.7*"]);
        return string.Create(CultureInfo.InvariantCulture, $"""
            # Objects: slides 30 and 31 on Pascal VOC

            ± is the bootstrap standard deviation of the change in mIoU. *Near* counts the pixels within 10 pixels of a true boundary; *far*
            counts changed labels farther than 30 pixels from every boundary.
            {ClassReport.Markdown(scores)}
            ### The slides

            {slides}
            What differs from the slides: three published networks with mIoU 67.6, 52.0 and 39.5 stand for FCN-8s, DeepLab VGG16 and DeepLab
            ResNet101; what learns is trained on the classes of the first network, for 1,162 pictures (the slides: more than 10,000); tested
            on a quarter of VOC 2012 val; the compact guidance network, which begins with the weights of `Fast`, with softmax gates; AdamW, seed
            {arguments.Seed}, {arguments.Budget} for each training and half of it for CRF as RNN. {string.Join("; ", _notes)}.
            """);
    }
}

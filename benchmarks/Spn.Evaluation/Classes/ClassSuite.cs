using Spn.Evaluation.Methods;
using Spn.Segmentation;

namespace Spn.Evaluation.Classes;

/// <summary>Class probabilities of real networks on a part of Pascal VOC 2012, refined with every method.</summary>
internal sealed class ClassSuite
{
    /// <summary>The folders of the networks, the strongest first.</summary>
    public static readonly IReadOnlyList<string> Networks = ["espnetv2_2.0_384", "dicenet_1.0_256", "espnetv2_0.5_256"];

    private const int Cases = 8; // on each contact sheet

    private readonly string _folder, _list;
    private readonly RealArguments _arguments;
    private readonly IClassMethod[] _models, _methods;

    /// <param name="arguments">The arguments of the run.</param>
    /// <param name="methods">The methods for single masks; their filters are evaluated on every class.</param>
    public ClassSuite(RealArguments arguments, MethodSet methods)
    {
        (_folder, _list, _arguments) = (Path.Combine(arguments.Data, "voc"), arguments.Part + ".txt", arguments);
        _models = [.. arguments.Models.Select(name => new RefinerClassMethod($"SpnModel {name}", Methods.Models.Load(name)))];
        IClassMethod[] peers =
        [
            new RefinerClassMethod("EdgeGuidance (defaults)", new EdgeGuidance()),
            .. methods.Filters.Select(filter => new FilterClassMethod(filter)),
            new DenseCrfClassMethod("Krähenbühl and Koltun", DenseCrfOptions.KrahenbuhlKoltun),
            new DenseCrfClassMethod("DeepLab v2, ResNet101", DenseCrfOptions.DeepLabResNet101),
        ];
        _methods = [new NetworkMethod(), .. _models, .. arguments.Peers ? peers : []];
    }

    public List<ClassScore> Run()
    {
        var scores = new List<ClassScore>();
        foreach (string network in Networks)
        {
            var part = new VocPart(_folder, _list, network);
            foreach (string name in _arguments.Pick(part.Names))
            {
                using ClassPhoto photo = part.Open(name);
                scores.AddRange(ClassScore.AllOf(photo, network, _methods));
                Console.Error.Write($"\r{network} {name} ");
            }
        }
        Console.Error.WriteLine();
        return scores.Count > 0
            ? scores
            : throw new InvalidDataException($"{_folder} contains no photo of {_list} with a network's classes.");
    }

    /// <summary>
    /// Writes contact sheets of the cases in which the last model made most and fewest labels right, compared with the network.
    /// </summary>
    public void WriteSheets(string folder, IReadOnlyList<ClassScore> scores)
    {
        if (_models.Length == 0)
            return;
        string network = _methods[0].Name, judged = _models[^1].Name;
        var before = scores.Where(score => score.Method == network).ToDictionary(score => (score.Photo, score.Network), score => score.All);
        var gains = scores.Where(score => score.Method == judged)
            .Select(score => (score, gain: score.All.PixelAccuracy - before[(score.Photo, score.Network)].PixelAccuracy))
            .OrderByDescending(pair => pair.gain).ToArray();
        foreach ((string name, var cases) in new[] { ("best", gains.Take(Cases)), ("worst", gains.Reverse().Take(Cases)) })
        {
            using var sheet = new ClassSheet();
            foreach ((ClassScore score, double gain) in cases)
            {
                using ClassPhoto photo = new VocPart(_folder, _list, score.Network).Open(score.Photo);
                sheet.Add(
                    photo, FormattableString.Invariant($"{score.Photo} {score.Network} {100 * gain:+0.0;-0.0}"),
                    [.. _methods.Take(2 + _models.Length).Select(method => (method.Name, photo.ToLabels(method.Refine(photo))))]);
            }
            sheet.Save(Path.Combine(folder, $"classes-{name}.png"));
        }
    }
}

using System.CommandLine;

namespace Spn.Cli.Commands;

/// <summary>The options that <c>spn refine</c> and <c>spn batch</c> share: how a mask is read and refined.</summary>
internal sealed class RefineOptions
{
    private static readonly Dictionary<string, MaskFit> s_fits = new()
    {
        ["proportional"] = MaskFit.Proportional,
        ["stretch"] = MaskFit.Stretch,
        ["letterbox"] = MaskFit.Letterbox,
        ["letterbox-top-left"] = MaskFit.LetterboxTopLeft,
    };

    private static readonly Dictionary<string, MaskValues> s_values = new()
    {
        ["auto"] = MaskValues.Auto,
        ["probabilities"] = MaskValues.Probabilities,
    };

    private readonly ModelOption _model = new();
    private readonly Option<bool> _hard = new("--hard") { Description = "Write a mask of black and white only." };
    private readonly Option<bool> _limit = new("--limit") { Description = "Change nothing that is far from the coarse mask's boundary." };

    private readonly Option<bool> _fallback = new("--fallback")
    {
        Description = "Keep the coarse mask if the refined one is not likely better, for example because it was right before.",
    };

    private readonly Option<bool> _labels = new("--labels")
    {
        Description = "The mask is a label map, one class or object per grey value or palette index. All labels are refined together.",
    };

    private readonly Option<string> _fit = Choice("--fit", s_fits, "What a mask of other proportions than the photo covers.");
    private readonly Option<string> _values = Choice(
        "--values", s_values, "The meaning of the mask's values; auto also reads zeros and ones.");


    private readonly Option<bool> _vocColors = new("--voc-colors")
    {
        Description = "The mask is an RGB picture in the colours of Pascal VOC.",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_model);
        command.Options.Add(_hard);
        command.Options.Add(_limit);
        command.Options.Add(_fallback);
        command.Options.Add(_labels);
        command.Options.Add(_fit);
        command.Options.Add(_values);
        command.Options.Add(_vocColors);
    }

    /// <exception cref="UsageException">The model cannot be loaded, or options contradict each other.</exception>
    public RefineSettings Read(ParseResult line)
    {
        bool areLabels = line.GetValue(_labels);
        if (areLabels && line.GetValue(_hard))
            throw new UsageException("--hard has no effect with --labels: label maps are always hard. Remove one of them.");
        if (areLabels && line.GetValue(_fallback))
            throw new UsageException("--fallback cannot be used with --labels: it is for masks of one object. Remove one of them.");
        if (areLabels && line.GetResult(_fit) is { Implicit: false })
            throw new UsageException("--fit cannot be used with --labels: a label map must have the proportions of its photo.");
        if (areLabels && line.GetResult(_values) is { Implicit: false })
            throw new UsageException("--values cannot be used with --labels: the values of a label map are labels.");
        return new RefineSettings(
            _model.Read(line), line.GetValue(_hard), line.GetValue(_limit), line.GetValue(_fallback), areLabels,
            new MaskOptions
            {
                Fit = s_fits[line.GetRequiredValue(_fit)],
                Values = s_values[line.GetRequiredValue(_values)],
                Colors = line.GetValue(_vocColors) ? LabelPalette.Voc : null,
            });
    }

    private static Option<string> Choice<T>(string name, Dictionary<string, T> values, string description)
    {
        Option<string> option = new(name)
        {
            Description = description,
            HelpName = string.Join('|', values.Keys),
            DefaultValueFactory = _ => values.Keys.First(),
        };
        option.CompletionSources.Add([.. values.Keys]);
        option.Validators.Add(result => Check.OneOf(result, name, result.Tokens, [.. values.Keys]));
        return option;
    }
}

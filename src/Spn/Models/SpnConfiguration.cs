using System.Globalization;
using Spn.Propagation;

namespace Spn.Models;

/// <summary>
/// What an <see cref="SpnModel"/> is made of. It belongs to the trained weights, so it is stored with them, as strings in the file's metadata.
/// The defaults are the slides' Helen model, but for its gates, which are softmax.
/// </summary>
public sealed record SpnConfiguration
{
    private const int MaxChannels = 256;
    private const int MaxRounds = 16;
    private const int MaxWidth = 192;
    private const int LeastScales = 2, MostScales = 3;

    private const string Version = "1";
    private const string True = "true";
    private const string VersionKey = "spn.version";
    private const string GuidanceKey = "spn.guidance";
    private const string ChannelsKey = "spn.channels";
    private const string GroupsKey = "spn.groups";
    private const string RoundsKey = "spn.rounds";
    private const string NormalizationKey = "spn.normalization";
    private const string MergeKey = "spn.merge";
    private const string GuidanceWidthKey = "spn.guidance.width";
    private const string PropagationKey = "spn.propagation";
    private const string MaskWidthKey = "spn.mask.width";
    private const string ScalesKey = "spn.scales";
    private const string MirroredKey = "spn.mirrored";
    private const string WithoutPropagationKey = "spn.propagation.identity";

    /// <summary>The learned refiner's form, small enough for interactive use on a CPU: 8 hidden maps in 4 groups of gates at half the image's size, twice as many at a quarter, directions mixed by the network.</summary>
    public static SpnConfiguration Refiner { get; } = new()
    {
        Propagation = PropagationKind.Residual,
        Channels = 8,
        Groups = 4,
        Rounds = 1,
        Merge = DirectionMerge.None,
    };

    /// <summary>The network that looks at the image. Default <see cref="GuidanceKind.Compact"/>.</summary>
    public GuidanceKind Guidance { get; init; } = GuidanceKind.Compact;

    /// <summary>
    /// Maps of the <see cref="GuidanceKind.Compact"/> network at half resolution; 3, 5 and 8 times as many at 1/4, 1/8 and 1/16. A multiple
    /// of 4 in 4..192, best of 16, the lanes of a vector. Default 16.
    /// </summary>
    public int GuidanceWidth { get; init; } = 16;

    /// <summary>What happens to a mask. Default <see cref="PropagationKind.Linear"/>, as in the slides.</summary>
    public PropagationKind Propagation { get; init; } = PropagationKind.Linear;

    /// <summary>
    /// Maps M at half resolution of a <see cref="PropagationKind.Residual"/> propagation, 2·M at a quarter, 3·M at an eighth. A multiple of 4 in
    /// 4..192, default 16.
    /// </summary>
    public int MaskWidth { get; init; } = 16;

    /// <summary>
    /// At how many sizes the maps of a <see cref="PropagationKind.Residual"/> propagation spread: 2, which are half and a quarter of the image's, or 3, an eighth as well. Default 2.
    /// </summary>
    public int Scales { get; init; } = LeastScales;

    /// <summary>
    /// Hidden maps C at half resolution: a multiple of 4 in 4..256, so that they can hold a mask's 2x2 pixels. A <see cref="PropagationKind.Residual"/> propagation has 2·C at a
    /// quarter as well, and 4·C at an eighth. Default 16.
    /// </summary>
    public int Channels { get; init; } = 16;

    /// <summary>Groups G of hidden maps that share gates, a divisor of <see cref="Channels"/>; <see langword="null"/> (default) gives every map its own.</summary>
    public int? Groups { get; init; }

    /// <summary>
    /// Propagation rounds that reuse the gates, each merged before the next, 1..16. Default 2. <see cref="PropagationKind.Residual"/>, whose
    /// directions stay apart and whose scales have rounds of their own, needs 1.
    /// </summary>
    public int Rounds { get; init; } = 2;

    /// <summary>
    /// How guidance becomes gates. Default <see cref="GateNormalization.Softmax"/>. <see cref="GateNormalization.NormalizedSigmoid"/> needs an
    /// x gate, which this model has not.
    /// </summary>
    public GateNormalization Normalization { get; init; } = GateNormalization.Softmax;

    /// <summary>
    /// How the four directions become one. Default <see cref="DirectionMerge.Max"/>; with <see cref="DirectionMerge.None"/> the decoder mixes
    /// them, which leaves one round.
    /// </summary>
    public DirectionMerge Merge { get; init; } = DirectionMerge.Max;

    /// <summary>
    /// For comparisons: every direction's result is the hidden map itself, and a <see cref="PropagationKind.Residual"/> propagation is only its networks. Default
    /// <see langword="false"/>.
    /// </summary>
    public bool WithoutPropagation { get; init; }

    /// <summary>
    /// Whether inference refines the image and its mirror image and takes the mean: twice the work for somewhat better masks. Training ignores it. Default
    /// <see langword="false"/>.
    /// </summary>
    public bool Mirrored { get; init; }

    /// <summary>G, resolved.</summary>
    internal int GateGroups => Groups ?? Channels;

    /// <summary>How many of the guidance network's maps are gates: 4 directions, 3 gates, G groups.</summary>
    internal int GateMaps => 12 * GateGroups;

    /// <summary>How many maps in 2x2 pixels hold the gates and the 2·M features of a quarter of the size: a quarter as many.</summary>
    internal int QuarterMaps => 3 * GateGroups + MaskWidth / 2;

    /// <summary>Maps of the mask at an eighth of the size.</summary>
    internal int EighthWidth => 3 * MaskWidth;

    /// <summary>How many maps in 2x2 pixels hold the gates and the features of an eighth of the size, where the maps spread there.</summary>
    internal int EighthMaps => Scales > LeastScales ? (GateMaps + EighthWidth) / 4 : 0;

    /// <summary>
    /// How many maps the guidance network makes: the gates, then what a residual propagation reads, which is features for the coarse gates and for its maps, M before and M
    /// after the propagation.
    /// </summary>
    internal int GuidanceMaps => GateMaps + (Propagation == PropagationKind.Residual ? QuarterMaps + 2 * MaskWidth : 0);

    /// <summary>
    /// Where raw guidance starts in an untrained network, so that the mask passes nearly unchanged: three softmax gates at -3 take 13 % from
    /// x, signed gates at 0 nothing. Abs-sum gates always take all they can. A residual propagation keeps the mask anyway; its gates start open.
    /// </summary>
    internal double InitialGuidance => Normalization == GateNormalization.Softmax && Propagation == PropagationKind.Linear ? -3 : 0;

    internal PropagationOptions PropagationOptions => new() { Normalization = Normalization, Merge = Merge, Rounds = Rounds };

    /// <summary>Throws where the values do not make a model.</summary>
    /// <exception cref="ArgumentException">Which value, what it is, and what was expected.</exception>
    internal void Validate()
    {
        Require(Enum.IsDefined(Guidance), nameof(Guidance), Guidance, "a network");
        Require(
            GuidanceWidth is >= 4 and <= MaxWidth && GuidanceWidth % 4 == 0, nameof(GuidanceWidth), GuidanceWidth, $"a multiple of 4 in 4..{MaxWidth}");
        Require(Enum.IsDefined(Propagation), nameof(Propagation), Propagation, "a propagation");
        Require(MaskWidth is >= 4 and <= MaxWidth && MaskWidth % 4 == 0, nameof(MaskWidth), MaskWidth, $"a multiple of 4 in 4..{MaxWidth}");
        Require(Scales is LeastScales or MostScales, nameof(Scales), Scales, $"{LeastScales} or {MostScales}");
        Require(Channels is >= 4 and <= MaxChannels && Channels % 4 == 0, nameof(Channels), Channels, $"a multiple of 4 in 4..{MaxChannels}");
        Require(GateGroups >= 1 && Channels % GateGroups == 0, nameof(Groups), Groups, $"a divisor of {Channels} channels");
        Require(Rounds is >= 1 and <= MaxRounds, nameof(Rounds), Rounds, $"1..{MaxRounds}");
        Require(
            Enum.IsDefined(Normalization) && Normalization != GateNormalization.NormalizedSigmoid,
            nameof(Normalization), Normalization, "a normalisation that needs no x gate");
        Require(Enum.IsDefined(Merge), nameof(Merge), Merge, "a merge");
        Require(
            Propagation != PropagationKind.Residual || Merge == DirectionMerge.None, nameof(Merge), Merge, "None in a residual propagation, which mixes the directions");
        Require(
            Propagation == PropagationKind.Residual || !WithoutPropagation,
            nameof(WithoutPropagation), WithoutPropagation, "false in a linear propagation, which would be nothing without it");
        Require(
            Propagation == PropagationKind.Residual || Scales == LeastScales, nameof(Scales), Scales, $"{LeastScales} in a linear propagation, which spreads at half the size");
        Require(Merge != DirectionMerge.None || Rounds == 1, nameof(Rounds), Rounds, "1 where the directions are not merged");
    }

    /// <summary>The configuration as a safetensors file's metadata, from which <see cref="SpnModel.Load(string)"/> makes the model again.</summary>
    public Dictionary<string, string> ToMetadata()
    {
        Dictionary<string, string> metadata = Common();
        if (WithoutPropagation)
            metadata[WithoutPropagationKey] = True;
        if (Mirrored)
            metadata[MirroredKey] = True;
        if (Scales != LeastScales)
            metadata[ScalesKey] = Scales.ToString(CultureInfo.InvariantCulture);
        return metadata;
    }

    private Dictionary<string, string> Common() => new()
    {
        ["format"] = "pt",
        [VersionKey] = Version,
        [GuidanceKey] = Guidance.ToString(),
        [ChannelsKey] = Channels.ToString(CultureInfo.InvariantCulture),
        [GroupsKey] = GateGroups.ToString(CultureInfo.InvariantCulture),
        [RoundsKey] = Rounds.ToString(CultureInfo.InvariantCulture),
        [NormalizationKey] = Normalization.ToString(),
        [MergeKey] = Merge.ToString(),
        [GuidanceWidthKey] = GuidanceWidth.ToString(CultureInfo.InvariantCulture),
        [PropagationKey] = Propagation.ToString(),
        [MaskWidthKey] = MaskWidth.ToString(CultureInfo.InvariantCulture),
    };

    /// <exception cref="InvalidDataException">A string is missing or makes no model; the message is the reason alone.</exception>
    internal static SpnConfiguration FromMetadata(IReadOnlyDictionary<string, string> metadata)
    {
        if (Text(VersionKey) != Version)
            throw new InvalidDataException($"its {VersionKey} is '{Text(VersionKey)}', this library reads '{Version}'");

        int groups = Number(GroupsKey), channels = Number(ChannelsKey);
        var configuration = new SpnConfiguration
        {
            Guidance = Name<GuidanceKind>(GuidanceKey),
            Channels = channels,
            Groups = groups == channels ? null : groups,
            Rounds = Number(RoundsKey),
            Normalization = Name<GateNormalization>(NormalizationKey),
            Merge = Name<DirectionMerge>(MergeKey),
            GuidanceWidth = Number(GuidanceWidthKey),
            Propagation = Name<PropagationKind>(PropagationKey),
            MaskWidth = Number(MaskWidthKey),
            WithoutPropagation = Flag(WithoutPropagationKey),
            Mirrored = Flag(MirroredKey),
            Scales = metadata.ContainsKey(ScalesKey) ? Number(ScalesKey) : LeastScales, // files from before there was a choice say nothing
        };
        try
        {
            configuration.Validate();
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"its metadata makes no model: {e.Message}", e);
        }
        return configuration;

        string Text(string key) => metadata.TryGetValue(key, out string? value)
            ? value
            : throw new InvalidDataException($"its metadata has no '{key}'");

        bool Flag(string key) => metadata.GetValueOrDefault(key) switch
        {
            null or "false" => false,
            True => true,
            string other => throw new InvalidDataException($"its {key} is '{other}', expected true or false"),
        };

        int Number(string key) => int.TryParse(Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new InvalidDataException($"its {key} is '{Text(key)}', expected a number");

        // By exact name: Enum.TryParse takes numbers too.
        T Name<T>(string key) where T : struct, Enum => Enum.GetNames<T>().Contains(Text(key))
            ? Enum.Parse<T>(Text(key))
            : throw new InvalidDataException($"its {key} is '{Text(key)}', expected one of {string.Join(", ", Enum.GetNames<T>())}");
    }

    private static void Require(bool holds, string name, object? value, string expected)
    {
        if (!holds)
            throw new ArgumentException($"{name} is {value}, expected {expected}.", name);
    }
}

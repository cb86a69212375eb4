using System.Globalization;
using Spn.Propagation;

namespace Spn.Models;

/// <summary>
/// The form of a model's networks. It belongs to the trained weights, so it is stored with them, as strings in the file's metadata. The
/// defaults are the Helen model of the paper's slides, with softmax gates.
/// </summary>
public sealed record SpnConfiguration
{
    private const int MaxChannels = 256;
    private const int MaxRounds = 16;
    private const int MaxWidth = 192;
    private const int MinScales = 2, MaxScales = 3;

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

    /// <summary>
    /// The form of the built-in model <c>Fast</c>, small enough for interactive use on a CPU: 8 hidden maps in 4 groups of gates at half of
    /// the image's size, twice as many at a quarter, and directions that the network mixes.
    /// </summary>
    public static SpnConfiguration Fast { get; } = new()
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
    /// The number of maps of the <see cref="GuidanceKind.Compact"/> network at half resolution; 3, 5 and 8 times as many at 1/4, 1/8 and
    /// 1/16. A multiple of 4 in 4..192; multiples of 16 fill vectors. Default 16.
    /// </summary>
    public int GuidanceWidth { get; init; } = 16;

    /// <summary>The network that refines a mask. Default <see cref="PropagationKind.Linear"/>, as in the slides.</summary>
    public PropagationKind Propagation { get; init; } = PropagationKind.Linear;

    /// <summary>
    /// The number M of maps of a <see cref="PropagationKind.Residual"/> propagation at half resolution; 2·M at a quarter, 3·M at an eighth.
    /// A multiple of 4 in 4..192. Default 16.
    /// </summary>
    public int MaskWidth { get; init; } = 16;

    /// <summary>
    /// The number of sizes at which a <see cref="PropagationKind.Residual"/> propagation scans: 2 (a half and a quarter of the image's
    /// size), or 3 (an eighth, too). Default 2.
    /// </summary>
    public int Scales { get; init; } = MinScales;

    /// <summary>
    /// The number C of hidden maps at half resolution: a multiple of 4 in 4..256, so that they can hold the 2x2 pixels of a mask. A
    /// <see cref="PropagationKind.Residual"/> propagation also has 2·C at a quarter and 4·C at an eighth. Default 16.
    /// </summary>
    public int Channels { get; init; } = 16;

    /// <summary>
    /// The number G of groups of hidden maps that share gates, a divisor of <see cref="Channels"/>; <see langword="null"/> (default) gives
    /// every map its own gates.
    /// </summary>
    public int? Groups { get; init; }

    /// <summary>
    /// The number of propagation rounds, which reuse the gates and are merged one by one, 1..16. Default 2.
    /// <see cref="PropagationKind.Residual"/>, which does not merge and has separate rounds at each scale, needs 1.
    /// </summary>
    public int Rounds { get; init; } = 2;

    /// <summary>
    /// How guidance is normalized to gates. Default <see cref="GateNormalization.Softmax"/>.
    /// <see cref="GateNormalization.NormalizedSigmoid"/> needs an input gate, which these models do not have.
    /// </summary>
    public GateNormalization Normalization { get; init; } = GateNormalization.Softmax;

    /// <summary>
    /// How the four directions are merged. Default <see cref="DirectionMerge.Max"/>; with <see cref="DirectionMerge.None"/> the decoder
    /// mixes them, and there is one round.
    /// </summary>
    public DirectionMerge Merge { get; init; } = DirectionMerge.Max;

    /// <summary>
    /// For comparisons: the result of every direction is the hidden map itself, so a <see cref="PropagationKind.Residual"/> propagation
    /// consists of its convolutions only. Default <see langword="false"/>.
    /// </summary>
    public bool WithoutPropagation { get; init; }

    /// <summary>
    /// Whether inference averages over the image and its mirror image: twice the work for slightly better masks. Training ignores it.
    /// Default <see langword="false"/>.
    /// </summary>
    public bool Mirrored { get; init; }

    /// <summary>G, resolved.</summary>
    internal int GateGroups => Groups ?? Channels;

    /// <summary>The number of guidance maps that are gates: 4 directions, 3 gates, G groups.</summary>
    internal int GateMaps => 12 * GateGroups;

    /// <summary>The number of maps whose 2x2 pixels hold the source of the gates and the 2·M features at a quarter of the size.</summary>
    internal int QuarterMaps => 3 * GateGroups + MaskWidth / 2;

    /// <summary>Maps of the mask at an eighth of the size.</summary>
    internal int EighthWidth => 3 * MaskWidth;

    /// <summary>
    /// The number of maps whose 2x2 pixels hold the source of gates and features at an eighth of the size; 0 with two scales.
    /// </summary>
    internal int EighthMaps => Scales > MinScales ? (GateMaps + EighthWidth) / 4 : 0;

    /// <summary>
    /// The number of guidance maps: the gates, then the features that a residual propagation reads, for the coarse gates and for its maps,
    /// M before and M after the propagation.
    /// </summary>
    internal int GuidanceMaps => GateMaps + (Propagation == PropagationKind.Residual ? QuarterMaps + 2 * MaskWidth : 0);

    /// <summary>
    /// The initial bias of raw gates, chosen so that an untrained network nearly keeps the mask: three softmax gates at -3 take 13 % from
    /// x, signed gates at 0 take nothing. A residual propagation keeps the mask anyway, so its gates start open.
    /// </summary>
    internal double InitialGuidance => Normalization == GateNormalization.Softmax && Propagation == PropagationKind.Linear ? -3 : 0;

    internal PropagationOptions PropagationOptions => new() { Normalization = Normalization, Merge = Merge, Rounds = Rounds };

    /// <summary>Checks that the values fit together.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names it, its value and the expected range.</exception>
    internal void Validate()
    {
        Require(Enum.IsDefined(Guidance), nameof(Guidance), Guidance, "a network");
        Require(
            GuidanceWidth is >= 4 and <= MaxWidth && GuidanceWidth % 4 == 0,
            nameof(GuidanceWidth), GuidanceWidth, $"a multiple of 4 in 4..{MaxWidth}");
        Require(Enum.IsDefined(Propagation), nameof(Propagation), Propagation, "a propagation");
        Require(MaskWidth is >= 4 and <= MaxWidth && MaskWidth % 4 == 0, nameof(MaskWidth), MaskWidth, $"a multiple of 4 in 4..{MaxWidth}");
        Require(Scales is MinScales or MaxScales, nameof(Scales), Scales, $"{MinScales} or {MaxScales}");
        Require(
            Channels is >= 4 and <= MaxChannels && Channels % 4 == 0,
            nameof(Channels), Channels, $"a multiple of 4 in 4..{MaxChannels}");
        Require(GateGroups >= 1 && Channels % GateGroups == 0, nameof(Groups), Groups, $"a divisor of {Channels} channels");
        Require(Rounds is >= 1 and <= MaxRounds, nameof(Rounds), Rounds, $"1..{MaxRounds}");
        Require(
            Enum.IsDefined(Normalization) && Normalization != GateNormalization.NormalizedSigmoid,
            nameof(Normalization), Normalization, "a normalization that needs no input gate");
        Require(Enum.IsDefined(Merge), nameof(Merge), Merge, "a merge");
        Require(
            Propagation != PropagationKind.Residual || Merge == DirectionMerge.None,
            nameof(Merge), Merge, "None in a residual propagation, which mixes the directions");
        Require(
            Propagation == PropagationKind.Residual || !WithoutPropagation,
            nameof(WithoutPropagation), WithoutPropagation, "false in a linear propagation, which does nothing else");
        Require(
            Propagation == PropagationKind.Residual || Scales == MinScales,
            nameof(Scales), Scales, $"{MinScales} in a linear propagation, which scans at half of the size");
        Require(Merge != DirectionMerge.None || Rounds == 1, nameof(Rounds), Rounds, "1 if the directions are not merged");
    }

    /// <summary>The configuration as the metadata of a safetensors file, as <see cref="SpnModel.Load(string)"/> reads it.</summary>
    public Dictionary<string, string> ToMetadata()
    {
        Dictionary<string, string> metadata = Common();
        if (WithoutPropagation)
            metadata[WithoutPropagationKey] = True;
        if (Mirrored)
            metadata[MirroredKey] = True;
        if (Scales != MinScales)
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

    /// <exception cref="InvalidDataException">A string is missing or invalid; the message is the reason alone.</exception>
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
            Scales = metadata.ContainsKey(ScalesKey) ? Number(ScalesKey) : MinScales, // files from before there was a choice do not have it
        };
        try
        {
            configuration.Validate();
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"its metadata does not describe a model: {e.Message}", e);
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

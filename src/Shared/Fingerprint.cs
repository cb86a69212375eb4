using System.Buffers.Binary;
using System.IO.Hashing;
using System.Reflection;
using System.Text;

namespace Spn.Shared;

/// <summary>
/// What a refined mask was made of: photo, mask, model, options and version. The refined PNG holds it, so that a later run recognizes what
/// is done.
/// </summary>
internal sealed class Fingerprint
{
    /// <summary>The keyword of the PNG's text.</summary>
    public const string Keyword = "spn:made-of";

    /// <summary>The version of Spn. Outputs of two versions may differ.</summary>
    public static string Version { get; }
        = typeof(SpnModel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    private readonly byte[] _settings;

    /// <param name="model">The model. Its name is the path of its file, unless it is built in.</param>
    /// <param name="isHard">Whether masks become zeros and ones.</param>
    /// <param name="isLimited">Whether only pixels near the coarse boundary may change.</param>
    /// <param name="areLabels">Whether masks are label maps.</param>
    /// <param name="mask">How a mask is read.</param>
    /// <param name="areCutOuts">Whether the outputs are cut-outs in place of masks.</param>
    /// <param name="fallsBack">Whether coarse masks stay if the refined ones are not likely better.</param>
    public Fingerprint(
        SpnModel model, bool isHard, bool isLimited, bool areLabels, MaskOptions mask, bool areCutOuts, bool fallsBack)
    {
        // A built-in model belongs to the version. A file may change under its name.
        bool isBuiltIn = model == SpnModel.Fast || model == SpnModel.Quality;
        string name = isBuiltIn ? model.Name : Convert.ToHexString(XxHash128.Hash(File.ReadAllBytes(model.Name)));
        _settings = Encoding.UTF8.GetBytes(
            $"{Version};{name};hard={isHard};limit={isLimited};fallback={fallsBack};labels={areLabels};"
            + $"fit={mask.Fit};values={mask.Values};colors={mask.Colors is not null};cutouts={areCutOuts}");
    }

    /// <summary>32 hexadecimal digits.</summary>
    /// <param name="photo">The photo's file.</param>
    /// <param name="mask">The mask's file.</param>
    public string Of(ReadOnlySpan<byte> photo, ReadOnlySpan<byte> mask)
    {
        XxHash128 hash = new();
        Append(hash, _settings);
        Append(hash, photo);
        Append(hash, mask);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static void Append(XxHash128 hash, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, part.Length);
        hash.Append(length);
        hash.Append(part);
    }
}

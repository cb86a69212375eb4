using System.Buffers.Binary;
using System.IO.Hashing;
using System.Reflection;
using System.Text;
using Spn.Cli.Files;

namespace Spn.Cli.Batch;

/// <summary>
/// What a refined mask was made of: photo, mask, model, options and version. The refined PNG holds it, so that a batch recognizes what is
/// done.
/// </summary>
internal sealed class Fingerprint
{
    /// <summary>The keyword of the PNG's text.</summary>
    public const string Keyword = "spn:made-of";

    private readonly byte[] _settings;

    public Fingerprint(RefineSettings settings, bool areCutOuts)
    {
        string version = typeof(SpnModel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        // A built-in model belongs to the version. A file may change under its name.
        bool isBuiltIn = settings.Model == SpnModel.Fast || settings.Model == SpnModel.Quality;
        string model = isBuiltIn
            ? settings.Model.Name
            : Convert.ToHexString(XxHash128.Hash(File.ReadAllBytes(settings.Model.Name)));
        _settings = Encoding.UTF8.GetBytes(
            $"{version};{model};hard={settings.IsHard};limit={settings.IsLimited};fallback={settings.FallsBack};"
            + $"labels={settings.AreLabels};"
            + $"fit={settings.Mask.Fit};values={settings.Mask.Values};colors={settings.Mask.Colors is not null};cutouts={areCutOuts}");
    }

    /// <summary>32 hexadecimal digits.</summary>
    public string Of(InputFile photo, InputFile mask)
    {
        XxHash128 hash = new();
        Append(hash, _settings);
        Append(hash, photo.Bytes.Span);
        Append(hash, mask.Bytes.Span);
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

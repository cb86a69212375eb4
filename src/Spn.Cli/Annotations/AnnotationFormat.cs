using System.Text.Json;
using System.Text.Json.Nodes;
using Spn.Cli.Annotations.Coco;
using Spn.Cli.Annotations.Cvat;
using Spn.Cli.Annotations.LabelStudio;

namespace Spn.Cli.Annotations;

/// <summary>The formats of annotation files.</summary>
internal static class AnnotationFormat
{
    public const string Coco = "coco", LabelStudio = "label-studio", Cvat = "cvat";

    public static string[] All => [Coco, LabelStudio, Cvat];

    /// <summary>The format of a file, from what it begins with.</summary>
    public static string Detect(ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> text = file.TrimStart("\uFEFF \t\r\n"u8);
        return text.StartsWith("<"u8) ? Cvat : text.StartsWith("["u8) ? LabelStudio : Coco;
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is not of this format.</exception>
    public static IAnnotationFile Read(string format, ReadOnlyMemory<byte> file, string name) => format switch
    {
        Cvat => CvatFile.Read(file, name),
        LabelStudio => LabelStudioFile.Read(Json(file.Span, name, "Label Studio"), name),
        _ => CocoFile.Read(Json(file.Span, name, "COCO"), name),
    };

    private static JsonNode Json(ReadOnlySpan<byte> file, string name, string tool)
    {
        if (file.StartsWith("\uFEFF"u8))
            file = file[3..];
        try
        {
            return JsonNode.Parse(file) ?? throw new InvalidDataException($"'{name}' is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{name}' is no {tool} file: {e.Message}", e);
        }
    }
}

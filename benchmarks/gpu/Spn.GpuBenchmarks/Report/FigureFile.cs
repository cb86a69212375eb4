using System.Text.Json;
using System.Text.Json.Serialization;

namespace Spn.GpuBenchmarks.Report;

/// <summary>Figures as lines of JSON, each on disk as soon as it is measured: what is measured survives what comes after.</summary>
internal static class FigureFile
{
    public static void Append(string path, Figure figure)
        => File.AppendAllText(path, JsonSerializer.Serialize(figure, LineJson.Default.Figure) + "\n");

    /// <summary>The figures of a file; a last line that was cut off is left out.</summary>
    public static IReadOnlyList<Figure> Read(string path)
    {
        var figures = new List<Figure>();
        foreach (string line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            try
            {
                figures.Add(JsonSerializer.Deserialize(line, LineJson.Default.Figure)!);
            }
            catch (JsonException)
            {
                break;
            }
        }

        return figures;
    }
}

/// <summary>How the pieces are written, a line each.</summary>
[JsonSourceGenerationOptions(
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Figure))]
[JsonSerializable(typeof(KernelFigure))]
[JsonSerializable(typeof(DeviceFacts))]
internal sealed partial class LineJson : JsonSerializerContext;

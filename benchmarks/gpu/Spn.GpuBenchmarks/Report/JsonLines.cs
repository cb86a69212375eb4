using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Spn.GpuBenchmarks.Report;

/// <summary>Records as lines of JSON, each on disk as soon as it is known: what is measured survives what comes after.</summary>
internal static class JsonLines
{
    public static void Append<T>(string path, T record, JsonTypeInfo<T> type) => File.AppendAllText(path, JsonSerializer.Serialize(record, type) + "\n");

    /// <summary>The records of a file, if there is one; a line that was cut off is left out.</summary>
    public static IReadOnlyList<T> Read<T>(string path, JsonTypeInfo<T> type)
    {
        var records = new List<T>();
        foreach (string line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            try
            {
                records.Add(JsonSerializer.Deserialize(line, type)!);
            }
            catch (JsonException)
            {
                // The process that wrote it was stopped there.
            }
        }

        return records;
    }
}

/// <summary>How the pieces are written, a line each.</summary>
[JsonSourceGenerationOptions(
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Figure))]
[JsonSerializable(typeof(KernelFigure))]
[JsonSerializable(typeof(DeviceFacts))]
internal sealed partial class LineJson : JsonSerializerContext;

using System.Text.Json;

namespace Spn.Weights;

/// <summary>
/// The JSON header of a safetensors file. All of it is validated: the size of every tensor against its type and shape, and all byte ranges
/// together, which must cover the data from the first to the last byte without gaps or overlaps.
/// </summary>
internal sealed class SafetensorsHeader
{
    public const string MetadataKey = "__metadata__";

    /// <summary>The reference implementation's limit for the length of the header in bytes.</summary>
    public const int MaxLength = 100_000_000;

    /// <summary>The maximum number of dimensions, which is the limit of libtorch's iterators. No model's header exceeds it.</summary>
    private const int MaxRank = 64;

    public Dictionary<string, string> Metadata { get; } = [];

    public Dictionary<string, SafetensorsEntry> Entries { get; } = [];

    /// <summary>Parses and validates a header.</summary>
    /// <param name="json">The bytes of the header.</param>
    /// <param name="dataLength">The number of bytes that follow the header.</param>
    /// <exception cref="InvalidDataException">The header is invalid; the message is the reason, without the file's name.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength)
    {
        if (json.IsEmpty || json[0] != (byte)'{')
            throw new InvalidDataException("the header does not start with '{'");

        var header = new SafetensorsHeader();
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 16 });
            header.Read(ref reader);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"the header is not valid JSON ({e.Message})", e);
        }
        catch (InvalidOperationException e)
        {
            // Thrown by Utf8JsonReader for a string that is not valid Unicode.
            throw new InvalidDataException("the header contains a string that is not valid UTF-8", e);
        }

        header.CheckLayout(dataLength);
        return header;
    }

    private void Read(ref Utf8JsonReader reader)
    {
        reader.Read();
        bool sawMetadata = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (name == MetadataKey)
            {
                if (sawMetadata)
                    throw new InvalidDataException($"'{MetadataKey}' appears twice");
                sawMetadata = true;
                ReadMetadata(ref reader);
            }
            else if (!Entries.TryAdd(name, ReadEntry(ref reader, name)))
            {
                throw new InvalidDataException($"the tensor '{name}' appears twice");
            }
        }

        // Only white space may follow the object; Read throws for anything else.
        reader.Read();
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, MetadataKey);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            Expect(ref reader, JsonTokenType.String, $"{MetadataKey}.{key}");
            if (!Metadata.TryAdd(key, reader.GetString()!))
                throw new InvalidDataException($"'{MetadataKey}' contains '{key}' twice");
        }
    }

    private static SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartObject, name);
        string? dtype = null;
        List<long>? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("dtype"u8))
            {
                Once(dtype, name, "dtype");
                Expect(ref reader, JsonTokenType.String, $"{name}.dtype");
                dtype = reader.GetString()!;
            }
            else if (reader.ValueTextEquals("shape"u8))
            {
                Once(shape, name, "shape");
                shape = ReadNumbers(ref reader, $"{name}.shape", MaxRank);
            }
            else if (reader.ValueTextEquals("data_offsets"u8))
            {
                Once(offsets, name, "data_offsets");
                offsets = ReadNumbers(ref reader, $"{name}.data_offsets", 2);
            }
            else
            {
                reader.Skip();
            }
        }

        if (dtype is null || shape is null || offsets is not [long begin, long end])
            throw new InvalidDataException($"the tensor '{name}' needs dtype, shape and two data_offsets");
        if (begin > end)
            throw new InvalidDataException($"the tensor '{name}' ends at {end}, before it begins at {begin}");

        long bytes = ByteLength(name, dtype, shape);
        if (end - begin != bytes)
        {
            throw new InvalidDataException(
                $"the tensor '{name}' has {end - begin} bytes; {dtype} [{string.Join(", ", shape)}] takes {bytes}");
        }
        return new SafetensorsEntry(name, dtype, shape.AsReadOnly(), begin, bytes);
    }

    private static long ByteLength(string name, string dtype, List<long> shape)
    {
        if (Dtypes.Bits(dtype) is not int bits)
            throw new InvalidDataException($"the tensor '{name}' has the unknown dtype '{dtype}'");
        try
        {
            long total = shape.Aggregate(1L, (product, d) => checked(product * d));
            total = checked(total * bits);
            return total % 8 == 0
                ? total / 8
                : throw new InvalidDataException($"the tensor '{name}' does not fill whole bytes");
        }
        catch (OverflowException e)
        {
            throw new InvalidDataException($"the tensor '{name}' is too large: [{string.Join(", ", shape)}]", e);
        }
    }

    private void CheckLayout(long dataLength)
    {
        long at = 0;
        foreach (var entry in Entries.Values.OrderBy(e => e.Begin).ThenBy(e => e.Length))
        {
            if (entry.Begin != at)
                throw new InvalidDataException($"the tensor '{entry.Name}' begins at byte {entry.Begin} of the data, expected {at}");
            at += entry.Length;
        }
        if (at != dataLength)
            throw new InvalidDataException($"the tensors take {at} bytes, the file has {dataLength}");
    }

    private static List<long> ReadNumbers(ref Utf8JsonReader reader, string what, int limit)
    {
        Expect(ref reader, JsonTokenType.StartArray, what);
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
                throw new InvalidDataException($"'{what}' must contain only non-negative integers");
            if (numbers.Count == limit)
                throw new InvalidDataException($"'{what}' contains more than {limit} numbers");
            numbers.Add(number);
        }
        return numbers;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string what)
    {
        if (!reader.Read() || reader.TokenType != type)
            throw new InvalidDataException($"'{what}' is {reader.TokenType}, expected {type}");
    }

    private static void Once(object? seen, string name, string field)
    {
        if (seen is not null)
            throw new InvalidDataException($"the tensor '{name}' has {field} twice");
    }
}

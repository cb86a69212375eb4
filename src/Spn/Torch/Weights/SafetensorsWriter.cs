using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spn.Shared;
using Spn.Weights;
using TorchSharp;

namespace Spn.Torch;

/// <summary>Writes safetensors files.</summary>
public static class SafetensorsWriter
{
    /// <summary>
    /// Writes tensors and strings to a file. Equal contents produce identical bytes: tensors are ordered by descending element size, then
    /// by name.
    /// </summary>
    /// <param name="path">The file. An existing file is replaced only when the new one is complete.</param>
    /// <param name="tensors">The tensors by name, with any shape, device and strides.</param>
    /// <param name="metadata">Strings for <c>__metadata__</c>, or <see langword="null"/> for none.</param>
    /// <exception cref="ArgumentException">
    /// The path is empty, a name is <c>__metadata__</c>, a string is not valid Unicode, or the format does not support an element type.
    /// </exception>
    public static void Write(
        string path, IReadOnlyDictionary<string, torch.Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        SafetensorsEntry[] entries = Layout(tensors);
        byte[] header = Header(entries, metadata);
        AtomicFile.Write(path, stream =>
        {
            Write(stream, tensors, entries, header);
            stream.Flush(flushToDisk: true);
        });
    }

    /// <summary>Writes the content of a file to a stream.</summary>
    internal static void Write(
        Stream stream, IReadOnlyDictionary<string, torch.Tensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        SafetensorsEntry[] entries = Layout(tensors);
        Write(stream, tensors, entries, Header(entries, metadata));
    }

    private static void Write(
        Stream stream, IReadOnlyDictionary<string, torch.Tensor> tensors, SafetensorsEntry[] entries, byte[] header)
    {
        stream.Write(header);
        foreach (SafetensorsEntry entry in entries)
            WriteData(stream, tensors[entry.Name]);
    }

    private static SafetensorsEntry[] Layout(IReadOnlyDictionary<string, torch.Tensor> tensors)
    {
        var sorted = tensors.OrderByDescending(t => t.Value.element_size()).ThenBy(t => t.Key, StringComparer.Ordinal);
        var entries = new List<SafetensorsEntry>(tensors.Count);
        long at = 0;
        foreach ((string name, torch.Tensor tensor) in sorted)
        {
            if (name == SafetensorsHeader.MetadataKey)
                throw new ArgumentException($"A tensor cannot be named '{name}': the format reserves that name.", nameof(tensors));
            RequireUnicode(name, nameof(tensors));
            string dtype = TensorDtypes.Name(tensor.dtype)
                ?? throw new ArgumentException(
                    $"The tensor '{name}' is {tensor.dtype}, which the format does not support.", nameof(tensors));
            var entry = new SafetensorsEntry(name, dtype, tensor.shape, at, tensor.numel() * tensor.element_size());
            entries.Add(entry);
            at += entry.Length;
        }
        return [.. entries];
    }

    /// <summary>
    /// The length and the JSON text, padded with spaces so that the data starts at a multiple of 8 bytes, as in the reference
    /// implementation.
    /// </summary>
    private static byte[] Header(SafetensorsEntry[] entries, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach ((string key, string value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
                {
                    RequireUnicode(key, nameof(metadata));
                    RequireUnicode(value, nameof(metadata));
                    json.WriteString(key, value);
                }
                json.WriteEndObject();
            }
            foreach (SafetensorsEntry entry in entries)
            {
                json.WriteStartObject(entry.Name);
                json.WriteString("dtype", entry.Dtype);
                WriteNumbers(json, "shape", entry.Shape);
                WriteNumbers(json, "data_offsets", [entry.Begin, entry.Begin + entry.Length]);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }

        int padded = (buffer.WrittenCount + 7) / 8 * 8;
        byte[] header = new byte[sizeof(ulong) + padded];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)padded);
        header.AsSpan(sizeof(ulong)).Fill((byte)' ');
        buffer.WrittenSpan.CopyTo(header.AsSpan(sizeof(ulong)));
        return header;
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IReadOnlyList<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    /// <summary>Rejects unpaired surrogates, which the JSON writer would replace by another character.</summary>
    private static void RequireUnicode(string text, string parameter)
    {
        int length = 1;
        for (int i = 0; i < text.Length; i += length)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out _, out length) != OperationStatus.Done)
                throw new ArgumentException($"'{text}' is not valid Unicode at character {i}.", parameter);
        }
    }

    private static void WriteData(Stream stream, torch.Tensor tensor)
    {
        using torch.Tensor detached = tensor.detach();
        using torch.Tensor local = detached.cpu();
        using torch.Tensor packed = local.contiguous();
        TensorBytes.ForEachChunk(packed, (_, bytes) => stream.Write(bytes));
    }
}

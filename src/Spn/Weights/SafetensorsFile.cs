using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace Spn.Weights;

/// <summary>
/// A safetensors file that is open for reading. The header is read and validated immediately; a tensor's data is read on request.
/// </summary>
/// <remarks>
/// The format (github.com/huggingface/safetensors) is 8 bytes of header length, a JSON header, and the bytes of the tensors. Thread-safe,
/// except for disposal. The file is read rather than memory-mapped, because truncation of a mapped file by another process would crash this
/// one.
/// </remarks>
public sealed partial class SafetensorsFile : IDisposable
{
    private const int LengthBytes = sizeof(ulong);

    private readonly ReadAt _read;
    private readonly SafeFileHandle? _handle;
    private readonly SafetensorsHeader _header;
    private readonly long _dataStart;

    private SafetensorsFile(string path, ReadAt read, long length, SafeFileHandle? handle = null)
    {
        Path = path;
        _read = read;
        _handle = handle;
        (_header, _dataStart) = ReadHeader(length);
    }

    /// <summary>Reads bytes at an offset.</summary>
    /// <returns>The number of bytes read: possibly fewer than requested, and 0 at the end of the file.</returns>
    private delegate int ReadAt(Span<byte> into, long offset);

    /// <summary>The path of the file.</summary>
    public string Path { get; }

    /// <summary>The strings under <c>__metadata__</c>; empty if the file has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>The entries of the tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    /// <summary>Opens a file and validates its header.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="ArgumentException">The path is null or empty.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is not a valid safetensors file; the message contains the path and the reason.
    /// </exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            throw Invalid(path, "it is a folder");

        SafeFileHandle handle = File.OpenHandle(path);
        try
        {
            return new SafetensorsFile(
                path, (into, offset) => RandomAccess.Read(handle, into, offset), RandomAccess.GetLength(handle), handle);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            // NotSupportedException: a pipe or a device, which does not support reading at an offset.
            handle.Dispose();
            throw Invalid(path, e.Message, e);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file's content from memory, with the same validation.</summary>
    /// <param name="content">The bytes, which must not be changed while the file is in use.</param>
    /// <param name="name">The name to use in messages.</param>
    /// <exception cref="InvalidDataException">The content is not a valid safetensors file.</exception>
    internal static SafetensorsFile FromBytes(byte[] content, string name)
    {
        try
        {
            return new SafetensorsFile(name, Read, content.Length);
        }
        catch (InvalidDataException e)
        {
            throw Invalid(name, e.Message, e);
        }

        int Read(Span<byte> into, long offset)
        {
            int count = (int)Math.Clamp(content.Length - offset, 0, into.Length);
            content.AsSpan((int)Math.Min(offset, content.Length), count).CopyTo(into);
            return count;
        }
    }

    /// <summary>Reads the raw bytes of a tensor of any stored type.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>The bytes: little-endian, row-major.</returns>
    /// <exception cref="KeyNotFoundException">The file has no such tensor.</exception>
    /// <exception cref="InvalidDataException">
    /// The tensor is too large for an array, or the file has been truncated since it was opened.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    public byte[] ReadBytes(string name)
    {
        SafetensorsEntry entry = Entry(name);
        if (entry.Length > Array.MaxLength)
            throw Invalid(Path, $"the tensor '{name}' has {entry.Length} bytes, more than an array can hold");
        byte[] bytes = new byte[entry.Length];
        ReadData(entry, 0, bytes);
        return bytes;
    }

    /// <summary>Reads a tensor of floating-point numbers as float32.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>Its elements, row-major.</returns>
    /// <exception cref="KeyNotFoundException">The file has no such tensor.</exception>
    /// <exception cref="InvalidDataException">It holds no floating-point numbers, or the file shrank since it was opened.</exception>
    internal float[] ReadFloats(string name)
    {
        ReadOnlySpan<byte> bytes = ReadBytes(name);
        string type = Entry(name).Dtype;
        float[] values = new float[bytes.Length / (type switch
        {
            "F64" => sizeof(double),
            "F32" => sizeof(float),
            "F16" or "BF16" => sizeof(ushort),
            _ => throw Invalid(Path, $"the tensor '{name}' is {type}, expected F16, BF16, F32 or F64"),
        })];
        Convert(bytes, type, values);
        return values;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a process reads a model once, so loops would run unoptimized
    private static void Convert(ReadOnlySpan<byte> bytes, string type, float[] values)
    {
        switch (type)
        {
            case "F64":
                for (int i = 0; i < values.Length; i++)
                    values[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(i * sizeof(double))..]);
                break;
            case "F32":
                for (int i = 0; i < values.Length; i++)
                    values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
                break;
            case "F16":
                for (int i = 0; i < values.Length; i++)
                    values[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(i * sizeof(ushort))..]);
                break;
            default:
                for (int i = 0; i < values.Length; i++)
                    values[i] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * sizeof(ushort))..]) << 16);
                break;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle?.Dispose();

    internal static InvalidDataException Invalid(string path, string reason, Exception? inner = null)
        => new($"'{path}' is not a valid safetensors file: {reason}.", inner);

    private SafetensorsEntry Entry(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _header.Entries.TryGetValue(name, out SafetensorsEntry? entry)
            ? entry
            : throw new KeyNotFoundException($"'{Path}' has no tensor '{name}'.");
    }

    private void ReadData(SafetensorsEntry entry, long offset, Span<byte> into)
    {
        if (!TryReadExactly(into, _dataStart + entry.Begin + offset))
            throw Invalid(Path, $"it ends inside the tensor '{entry.Name}'");
    }

    private (SafetensorsHeader Header, long DataStart) ReadHeader(long fileLength)
    {
        Span<byte> prefix = stackalloc byte[LengthBytes];
        if (fileLength < LengthBytes || !TryReadExactly(prefix, 0))
            throw new InvalidDataException($"it has {fileLength} bytes, too few for a header");

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafetensorsHeader.MaxLength)
            throw new InvalidDataException($"its header claims {length} bytes, the limit is {SafetensorsHeader.MaxLength}");
        long dataStart = LengthBytes + (long)length;
        if (dataStart > fileLength)
            throw new InvalidDataException($"its header claims {length} bytes, the file has {fileLength}");

        byte[] json = new byte[length];
        return TryReadExactly(json, LengthBytes)
            ? (SafetensorsHeader.Parse(json, fileLength - dataStart), dataStart)
            : throw new InvalidDataException("it ends inside the header");
    }

    private bool TryReadExactly(Span<byte> into, long offset)
    {
        while (!into.IsEmpty)
        {
            int read = _read(into, offset);
            if (read == 0)
                return false;
            into = into[read..];
            offset += read;
        }
        return true;
    }
}

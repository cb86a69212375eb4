using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using TorchSharp;

namespace Spn.Weights;

/// <summary>
/// A safetensors file, open for reading: the header is read and checked at once, a tensor's data when it is asked for.
/// </summary>
/// <remarks>
/// The format (github.com/huggingface/safetensors): 8 bytes of header length, a JSON header, then the tensors' bytes. Safe from several
/// threads at once. The file is read, not mapped: a mapped file that another process truncates would take this process down.
/// </remarks>
public sealed class SafetensorsFile : IDisposable
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

    /// <summary>Reads bytes at a position.</summary>
    /// <returns>How many: fewer than asked for at times, 0 at the end.</returns>
    private delegate int ReadAt(Span<byte> into, long offset);

    /// <summary>The path that was opened.</summary>
    public string Path { get; }

    /// <summary>The strings under <c>__metadata__</c>; empty where the file has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no valid safetensors file; the message names it and the reason.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            throw Invalid(path, "it is a folder");

        SafeFileHandle handle = File.OpenHandle(path);
        try
        {
            return new SafetensorsFile(path, (into, offset) => RandomAccess.Read(handle, into, offset), RandomAccess.GetLength(handle), handle);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            // Not supported: a pipe or a device, which cannot be read at a position.
            handle.Dispose();
            throw Invalid(path, e.Message, e);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>A file's content in memory, read with the same checks.</summary>
    /// <param name="content">The bytes, which stay as they are.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidDataException">It is no valid safetensors file.</exception>
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

    /// <summary>Reads a tensor of any stored type as it is.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>Its bytes: little-endian, row-major.</returns>
    /// <exception cref="KeyNotFoundException">The file has no such tensor.</exception>
    /// <exception cref="InvalidDataException">It is larger than an array can be, or the file shrank since it was opened.</exception>
    public byte[] ReadBytes(string name)
    {
        SafetensorsEntry entry = Entry(name);
        if (entry.Length > Array.MaxLength)
            throw Invalid(Path, $"the tensor '{name}' has {entry.Length} bytes, more than an array holds");
        byte[] bytes = new byte[entry.Length];
        ReadData(entry, 0, bytes);
        return bytes;
    }

    /// <summary>Reads a tensor.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>A contiguous CPU tensor of the stored type and shape; the caller owns it.</returns>
    /// <exception cref="KeyNotFoundException">The file has no such tensor.</exception>
    /// <exception cref="NotSupportedException">TorchSharp has no tensor of the stored type (<see cref="ReadBytes"/> reads it).</exception>
    /// <exception cref="InvalidDataException">The file shrank since it was opened.</exception>
    public torch.Tensor Read(string name)
    {
        SafetensorsEntry entry = Entry(name);
        torch.ScalarType type = Dtypes.TensorType(entry.Dtype)
            ?? throw new NotSupportedException($"{Path}: the tensor '{name}' is stored as {entry.Dtype}, which no tensor holds; ReadBytes reads it raw.");

        torch.Tensor tensor = torch.empty([.. entry.Shape], dtype: type, device: torch.CPU);
        try
        {
            TensorBytes.ForEachChunk(tensor, (offset, bytes) => ReadData(entry, offset, bytes));
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle?.Dispose();

    internal static InvalidDataException Invalid(string path, string reason, Exception? inner = null)
        => new($"'{path}' is no valid safetensors file: {reason}.", inner);

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

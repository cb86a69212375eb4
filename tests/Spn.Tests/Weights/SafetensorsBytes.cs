using System.Buffers.Binary;
using System.Text;

namespace Spn.Tests.Weights;

/// <summary>Safetensors files written byte by byte from the format's description, without the library.</summary>
internal static class SafetensorsBytes
{
    public static byte[] File(string json, int dataBytes) => File(json, Enumerable.Range(0, dataBytes).Select(i => (byte)i).ToArray());

    public static byte[] File(string json, byte[] data) => File(Encoding.UTF8.GetBytes(json), data);

    public static byte[] File(byte[] header, byte[] data)
    {
        byte[] length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        return [.. length, .. header, .. data];
    }
}

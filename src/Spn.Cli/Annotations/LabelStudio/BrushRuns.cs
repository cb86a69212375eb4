namespace Spn.Cli.Annotations.LabelStudio;

/// <summary>
/// The run lengths of Label Studio's brush (the format of thi.ng's rle-pack): the red, green, blue and alpha of all pixels, row by row.
/// Bits follow each other, the highest first. The head has 32 bits for the number of values, 5 for the bits of a value less one, and four
/// times 4 for the bits of a length less one. Then come runs: one bit (1 for a value that repeats, 0 for different values), two bits
/// that choose one of the four sizes, the length less one, and the value or values.
/// </summary>
internal static class BrushRuns
{
    /// <summary>Values per pixel.</summary>
    public const int Channels = 4;

    private const int ValueBits = 8;

    private static readonly int[] s_lengthBits = [3, 4, 8, 16];

    /// <summary>The values.</summary>
    /// <param name="packed">The bytes of the runs.</param>
    /// <param name="count">How many values are expected.</param>
    /// <exception cref="InvalidDataException">The runs are damaged, or hold another number of values.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> packed, int count)
    {
        BitReader bits = new(packed);
        if (bits.Read(32) is uint actual && actual != (uint)count)
            throw new InvalidDataException($"Expected run lengths of {count:N0} values, got {actual:N0}.");
        int valueBits = (int)bits.Read(5) + 1;
        Span<int> lengthBits = stackalloc int[s_lengthBits.Length];
        foreach (ref int size in lengthBits)
            size = (int)bits.Read(4) + 1;
        byte[] values = new byte[count];
        for (int at = 0; at < values.Length;)
        {
            bool repeats = bits.Read(1) == 1;
            int length = (int)bits.Read(lengthBits[(int)bits.Read(2)]) + 1;
            if (length > values.Length - at)
                throw new InvalidDataException($"The run lengths are damaged: a run goes beyond the {count:N0} values.");
            Span<byte> run = values.AsSpan(at, length);
            if (repeats)
                run.Fill(Value(ref bits));
            else
                foreach (ref byte value in run)
                    value = Value(ref bits);
            at += length;
        }
        return values;

        byte Value(ref BitReader reader) => (byte)Math.Min(reader.Read(valueBits), byte.MaxValue);
    }

    /// <summary>The runs of a mask: all four values of a pixel are 0 or 255.</summary>
    /// <param name="mask">A mask.</param>
    public static byte[] Encode(Mask mask)
    {
        ReadOnlySpan<float> pixels = mask.Pixels;
        BitWriter bits = new();
        bits.Write((uint)(Channels * pixels.Length), 32);
        bits.Write(ValueBits - 1, 5);
        foreach (int size in s_lengthBits)
            bits.Write((uint)size - 1, 4);
        for (int at = 0, end; at < pixels.Length; at = end)
        {
            bool isInside = pixels[at] >= 0.5f;
            for (end = at + 1; end < pixels.Length && pixels[end] >= 0.5f == isInside; end++)
                continue;
            for (long length = (long)Channels * (end - at), part; length > 0; length -= part)
            {
                int size = Array.FindIndex(s_lengthBits, size => length <= 1 << size);
                size = size < 0 ? s_lengthBits.Length - 1 : size;
                part = Math.Min(length, 1 << s_lengthBits[size]);
                bits.Write(1, 1);
                bits.Write((uint)size, 2);
                bits.Write((uint)part - 1, s_lengthBits[size]);
                bits.Write(isInside ? byte.MaxValue : 0u, ValueBits);
            }
        }
        return bits.ToArray();
    }

    private ref struct BitReader(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;
        private long _at;

        public uint Read(int count)
        {
            if (_at + count > 8L * _bytes.Length)
                throw new InvalidDataException("The run lengths are damaged: they end too early.");
            uint value = 0;
            for (int i = 0; i < count; i++, _at++)
                value = value << 1 | (uint)_bytes[(int)(_at >> 3)] >> (7 - (int)(_at & 7)) & 1;
            return value;
        }
    }

    private sealed class BitWriter
    {
        private readonly List<byte> _bytes = [];
        private int _free; // bits of the last byte

        public void Write(uint value, int count)
        {
            while (count-- > 0)
            {
                if (_free == 0)
                {
                    _bytes.Add(0);
                    _free = 8;
                }
                _bytes[^1] |= (byte)((value >> count & 1) << --_free);
            }
        }

        public byte[] ToArray() => [.. _bytes];
    }
}

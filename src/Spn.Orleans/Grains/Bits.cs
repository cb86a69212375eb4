namespace Spn.Orleans.Grains;

/// <summary>Bits in an array of bytes.</summary>
internal static class Bits
{
    public static byte[] Of(int count) => new byte[(count + 7) / 8];

    public static bool Has(this byte[] bits, int index) => (bits[index >> 3] >> (index & 7) & 1) != 0;

    public static void Set(this byte[] bits, int index, bool value)
    {
        int bit = 1 << (index & 7);
        bits[index >> 3] = (byte)(value ? bits[index >> 3] | bit : bits[index >> 3] & ~bit);
    }
}

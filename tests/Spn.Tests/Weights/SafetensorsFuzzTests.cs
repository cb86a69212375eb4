using System.Text;
using Spn.Weights;
using Xunit;

namespace Spn.Tests.Weights;

public sealed class SafetensorsFuzzTests : IDisposable
{
    private static readonly byte[] s_valid = SafetensorsBytes.File(
        """
        {"__metadata__":{"format":"pt","note":"\u00e4"},"head.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"head.bias":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]},"n":{"dtype":"I64","shape":[],"data_offsets":[32,40]}}
        """, 40);

    /// <summary>What a mutation likes to insert: everything that means something to the parser.</summary>
    private static readonly byte[][] s_words = [.. new[]
    {
        "{", "}", "[", "]", ",", ":", "\"", "-1", "0", "9223372036854775807", "18446744073709551616", "1e999", "null", "true", "\\u0000", "\\ud800",
        "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"F32\"", "\"F4\"", "\"__metadata__\":{}", "\u0000", "é",
    }.Select(Encoding.UTF8.GetBytes)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_truncation_is_refused()
    {
        for (int length = 0; length < s_valid.Length; length++)
            Assert.False(ReadsWhole(s_valid[..length]), $"{length} bytes were accepted");
        Assert.True(ReadsWhole(s_valid));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Mutated_files_are_read_or_refused_and_nothing_else(int seed)
    {
        var random = new Random(seed);
        int accepted = 0;
        for (int i = 0; i < 1500; i++)
            accepted += ReadsWhole(Mutate(random)) ? 1 : 0;

        // Data bytes may be anything, so some mutations are harmless; most are not.
        Assert.InRange(accepted, 1, 1000);
    }

    [Fact]
    public void Random_bytes_are_refused()
    {
        var random = new Random(5);
        for (int i = 0; i < 1000; i++)
        {
            byte[] noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            if (i % 2 == 0 && noise.Length > 8)
                noise.AsSpan(1, 7).Clear();
            Assert.False(ReadsWhole(noise));
        }
    }

    private static byte[] Mutate(Random random)
    {
        List<byte> bytes = [.. s_valid];
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes.RemoveRange(at, Math.Min(random.Next(1, 12), bytes.Count - at)); break;
                case 3: bytes.InsertRange(at, s_words[random.Next(s_words.Length)]); break;
                default: bytes[random.Next(8)] = (byte)random.Next(256); break;
            }
            if (bytes.Count == 0)
                break;
        }
        return [.. bytes];
    }

    /// <summary>Opens and reads everything, from a file and from memory alike. Any exception but the one that callers are told of fails the test.</summary>
    private bool ReadsWhole(byte[] content)
    {
        bool read = ReadsWhole(() => SafetensorsFile.Open(_folder.File("fuzz", content)));
        Assert.Equal(read, ReadsWhole(() => SafetensorsFile.FromBytes(content, "fuzz")));
        return read;
    }

    private static bool ReadsWhole(Func<SafetensorsFile> open)
    {
        try
        {
            using SafetensorsFile file = open();
            foreach (string name in file.Entries.Keys)
                Assert.Equal(file.Entries[name].Length, file.ReadBytes(name).Length);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}

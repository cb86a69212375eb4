using System.Buffers.Binary;
using Spn.Weights;
using Xunit;

namespace Spn.Tests.Weights;

public sealed class SafetensorsReadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_made_by_hand_is_read()
    {
        string json = """
            {"__metadata__":{"format":"pt","größe":"ünï\u0041"}, "b":{"dtype":"U64","shape":[1],"data_offsets":[6,14]},
             "a":{"shape":[2, 3],"data_offsets":[0, 6],"dtype":"U8","comment":{"ignored":[1, 2]}},
             "empty":{"dtype":"F32","shape":[0,5],"data_offsets":[6,6]}, "scalar":{"dtype":"BOOL","shape":[],"data_offsets":[14,15]} }   
            """;
        using var file = SafetensorsFile.Open(_folder.File("f", SafetensorsBytes.File(json, 15)));

        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal("ünïA", file.Metadata["größe"]);
        Assert.Equal(["a", "b", "empty", "scalar"], file.Entries.Keys.Order());
        Assert.Equal([2L, 3L], file.Entries["a"].Shape);
        Assert.Equal([0, 1, 2, 3, 4, 5], file.ReadBytes("a"));
        Assert.Equal([6, 7, 8, 9, 10, 11, 12, 13], file.ReadBytes("b"));
        Assert.Empty(file.ReadBytes("empty"));
        Assert.Empty(file.Entries["scalar"].Shape);
        Assert.Throws<KeyNotFoundException>(() => file.ReadBytes("c"));
    }

    [Theory]
    [InlineData("F4", 2, 1)]
    [InlineData("F6_E2M3", 4, 3)]
    [InlineData("F8_E4M3", 4, 4)]
    [InlineData("BF16", 3, 6)]
    [InlineData("C64", 2, 16)]
    [InlineData("U32", 2, 8)]
    public void Every_dtype_has_its_size(string dtype, int elements, int bytes)
    {
        byte[] content = SafetensorsBytes.File($$$"""{"t":{"dtype":"{{{dtype}}}","shape":[{{{elements}}}],"data_offsets":[0,{{{bytes}}}]}}""", bytes);
        using var file = SafetensorsFile.Open(_folder.File("f", content));
        Assert.Equal(bytes, file.ReadBytes("t").Length);
    }

    [Theory]
    [InlineData("", 0, "start with '{'")]
    [InlineData(" {}", 0, "start with '{'")]
    [InlineData("[]", 0, "start with '{'")]
    [InlineData("{", 0, "JSON")]
    [InlineData("{}x", 0, "JSON")]
    [InlineData("{}{}", 0, "JSON")]
    [InlineData("{\"a\":1}", 0, "'a' is Number")]
    [InlineData("{\"a\":{}}", 0, "needs dtype")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "needs dtype")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", 1, "needs dtype")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,2]}}", 1, "more than 2")]
    [InlineData("{\"a\":{\"dtype\":\"U9\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "unknown dtype 'U9'")]
    [InlineData("{\"a\":{\"dtype\":8,\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "a.dtype")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}}", 1, "non-negative")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}}", 1, "non-negative")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[[1]],\"data_offsets\":[0,1]}}", 1, "non-negative")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,0]}}", 1, "before it begins")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,1]}}", 1, "takes 2")]
    [InlineData("{\"a\":{\"dtype\":\"F4\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "whole bytes")]
    [InlineData("{\"a\":{\"dtype\":\"F64\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,1]}}", 1, "too large")]
    [InlineData("{\"a\":{\"dtype\":\"F64\",\"shape\":[1152921504606846976],\"data_offsets\":[0,1]}}", 1, "too large")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[9223372036854775808],\"data_offsets\":[0,1]}}", 1, "non-negative")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 2, "the file has 2")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 1, "the file has 1")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2, "expected 0")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}", 3, "expected 2")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2, "'a' appears twice")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "dtype twice")]
    [InlineData("{\"__metadata__\":{\"a\":1}}", 0, "__metadata__.a")]
    [InlineData("{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}", 0, "'a' twice")]
    [InlineData("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "'__metadata__' appears twice")]
    [InlineData("{\"__metadata__\":null}", 0, "'__metadata__' is Null")]
    [InlineData("{\"a\":{\"x\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}}", 0, "JSON")]
    [InlineData("{\"\\ud800\":{}}", 0, "UTF-8")]
    public void A_broken_header_is_refused_with_the_reason(string json, int dataBytes, string reason)
        => AssertRefused(SafetensorsBytes.File(json, dataBytes), reason);

    [Fact]
    public void Bytes_that_are_not_text_are_refused()
        => AssertRefused(SafetensorsBytes.File([(byte)'{', (byte)'"', 0xC0, 0x80, (byte)'"', (byte)':', (byte)'{', (byte)'}', (byte)'}'], []), "UTF-8");

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void A_file_without_a_header_length_is_refused(int bytes) => AssertRefused(new byte[bytes], "too few");

    [Theory]
    [InlineData(3UL)]
    [InlineData(99_999_999UL)]
    [InlineData(100_000_001UL)]
    [InlineData((ulong)long.MaxValue)]
    [InlineData(ulong.MaxValue)]
    public void A_header_length_beyond_the_file_is_refused_before_any_memory_is_taken(ulong length)
    {
        byte[] content = SafetensorsBytes.File("{}", 0);
        BinaryPrimitives.WriteUInt64LittleEndian(content, length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused(content, "claims");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void A_folder_and_a_missing_file_have_clear_exceptions()
    {
        Assert.Contains("folder", Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(_folder.Path)).Message);
        Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Open(_folder.File("none")));
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Open(""));
    }

    [Fact]
    public void A_file_that_shrinks_while_it_is_open_is_refused()
    {
        byte[] content = SafetensorsBytes.File("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 4);
        string path = _folder.File("f", content);
        using var file = SafetensorsFile.Open(path);
        using (var other = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            other.SetLength(content.Length - 1);
        Assert.Contains("ends inside", Assert.Throws<InvalidDataException>(() => file.ReadBytes("a")).Message);
    }

    private void AssertRefused(byte[] content, string reason)
    {
        string path = _folder.File("broken.safetensors", content);
        var e = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path).Dispose());
        Assert.Contains(path, e.Message);
        Assert.Contains(reason, e.Message);
    }
}

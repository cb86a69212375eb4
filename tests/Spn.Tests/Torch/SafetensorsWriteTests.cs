using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Spn.Tests.Weights;
using Spn.Torch;
using Spn.Weights;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Torch;

public sealed class SafetensorsWriteTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = torch.NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    /// <summary>What a reader in any language does: a length, JSON, and bytes at the offsets that the JSON names.</summary>
    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        string path = _folder.File("m.safetensors");
        SafetensorsWriter.Write(
            path,
            new Dictionary<string, torch.Tensor>
            {
                ["b.weight"] = torch.tensor(new float[,] { { 1, 2, 3 }, { -4, 5.5f, 6 } }),
                ["a.count"] = torch.tensor(7L),
                ["a.bias"] = torch.tensor(new float[] { 0.25f }),
                ["half"] = torch.tensor(new float[] { 1, -2 }).to(torch.ScalarType.BFloat16),
            },
            new Dictionary<string, string> { ["format"] = "pt", ["\"ü\""] = "\\" });

        byte[] bytes = File.ReadAllBytes(path);
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        Assert.Equal(0, (8 + length) % 8);
        Assert.Equal((byte)'{', bytes[8]);
        using JsonDocument json = JsonDocument.Parse(Encoding.UTF8.GetString(bytes, 8, length));
        Assert.Equal(["__metadata__", "a.count", "a.bias", "b.weight", "half"], json.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal("pt", json.RootElement.GetProperty("__metadata__").GetProperty("format").GetString());
        Assert.Equal("\\", json.RootElement.GetProperty("__metadata__").GetProperty("\"ü\"").GetString());

        byte[] Data(string name, string dtype, params int[] shape)
        {
            JsonElement entry = json.RootElement.GetProperty(name);
            Assert.Equal(dtype, entry.GetProperty("dtype").GetString());
            Assert.Equal(shape, entry.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32()));
            int[] offsets = [.. entry.GetProperty("data_offsets").EnumerateArray().Select(o => o.GetInt32())];
            return bytes[(8 + length + offsets[0])..(8 + length + offsets[1])];
        }

        Assert.Equal(7, BinaryPrimitives.ReadInt64LittleEndian(Data("a.count", "I64")));
        Assert.Equal([0.25f], MemoryMarshal.Cast<byte, float>(Data("a.bias", "F32", 1)));
        Assert.Equal([1, 2, 3, -4, 5.5f, 6], MemoryMarshal.Cast<byte, float>(Data("b.weight", "F32", 2, 3)));
        Assert.Equal([0x80, 0x3F, 0x00, 0xC0], Data("half", "BF16", 2));
        Assert.Equal(8 + length + 8 + 4 + 24 + 4, bytes.Length);
    }

    [Theory]
    [InlineData(torch.ScalarType.Bool)]
    [InlineData(torch.ScalarType.Byte)]
    [InlineData(torch.ScalarType.Int8)]
    [InlineData(torch.ScalarType.Int16)]
    [InlineData(torch.ScalarType.Int32)]
    [InlineData(torch.ScalarType.Int64)]
    [InlineData(torch.ScalarType.Float16)]
    [InlineData(torch.ScalarType.BFloat16)]
    [InlineData(torch.ScalarType.Float32)]
    [InlineData(torch.ScalarType.Float64)]
    [InlineData(torch.ScalarType.ComplexFloat32)]
    public void What_is_written_is_read_again(torch.ScalarType type)
    {
        torch.Tensor whole = Seeded.Rand(1, [3, 4, 5]).mul(10).sub(5).to(type);
        var tensors = new Dictionary<string, torch.Tensor>
        {
            ["whole"] = whole,
            ["transposed"] = whole.permute(2, 0, 1),
            ["scalar"] = whole[0, 0, 0],
            ["empty"] = whole.narrow(1, 0, 0),
            ["expanded"] = whole[0, 0, 0].expand(7),
        };
        string path = _folder.File("m.safetensors");
        SafetensorsWriter.Write(path, tensors);

        using var file = SafetensorsFile.Open(path);
        Assert.Equal(tensors.Keys.Order(), file.Entries.Keys.Order());
        foreach ((string name, torch.Tensor tensor) in tensors)
        {
            torch.Tensor read = file.Read(name);
            Assert.Equal(tensor.dtype, read.dtype);
            Assert.Equal(tensor.shape, read.shape);
            Assert.True(tensor.equal(read).all().item<bool>(), name);
        }
    }

    [Fact]
    public void A_tensor_of_many_chunks_is_read_again()
    {
        torch.Tensor large = torch.arange((1 << 25) + 3, dtype: torch.ScalarType.Byte);
        string path = _folder.File("m.safetensors");
        SafetensorsWriter.Write(path, new Dictionary<string, torch.Tensor> { ["t"] = large });
        using var file = SafetensorsFile.Open(path);
        Assert.True(large.equal(file.Read("t")).all().item<bool>());
    }

    [Fact]
    public void Equal_contents_give_equal_bytes()
    {
        torch.Tensor a = torch.ones(2), b = torch.zeros(3, dtype: torch.ScalarType.Int64);
        SafetensorsWriter.Write(_folder.File("1"), new Dictionary<string, torch.Tensor> { ["a"] = a, ["b"] = b }, new Dictionary<string, string> { ["x"] = "1", ["y"] = "2" });
        SafetensorsWriter.Write(_folder.File("2"), new Dictionary<string, torch.Tensor> { ["b"] = b, ["a"] = a }, new Dictionary<string, string> { ["y"] = "2", ["x"] = "1" });
        Assert.Equal(File.ReadAllBytes(_folder.File("1")), File.ReadAllBytes(_folder.File("2")));
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_else()
    {
        string path = _folder.File("m.safetensors", [1, 2, 3]);
        var gone = torch.ones(1);
        var tensors = new Dictionary<string, torch.Tensor> { ["__metadata__"] = gone };
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, tensors));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, new Dictionary<string, torch.Tensor> { ["\ud800"] = gone }));
        Directory.CreateDirectory(_folder.File("taken"));
        Assert.ThrowsAny<Exception>(() => SafetensorsWriter.Write(_folder.File("taken"), new Dictionary<string, torch.Tensor> { ["a"] = gone }));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal(["m.safetensors", "taken"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_type_that_no_tensor_holds_is_refused_by_Read_alone()
    {
        string path = _folder.File("f", SafetensorsBytes.File("""{"t":{"dtype":"U16","shape":[2],"data_offsets":[0,4]}}""", 4));
        using var file = SafetensorsFile.Open(path);
        Assert.Contains("U16", Assert.Throws<NotSupportedException>(() => file.Read("t")).Message);
        Assert.Equal([0, 1, 2, 3], file.ReadBytes("t"));
    }
}

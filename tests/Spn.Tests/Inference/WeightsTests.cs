using System.Buffers.Binary;
using Spn.Tests.Weights;
using Spn.Weights;
using Xunit;

namespace Spn.Tests.Inference;

/// <summary>The engine reads weights of every floating-point type without TorchSharp.</summary>
public sealed class WeightsTests
{
    [Theory]
    [InlineData("F16", 2)]
    [InlineData("BF16", 2)]
    [InlineData("F32", 4)]
    [InlineData("F64", 8)]
    public void Every_floating_point_type_is_read_as_float32(string dtype, int size)
    {
        float[] values = [0, 1, -2.5f, 0.15625f, 448, float.PositiveInfinity];
        byte[] data = new byte[values.Length * size];
        for (int i = 0; i < values.Length; i++)
        {
            Span<byte> element = data.AsSpan(i * size, size);
            if (dtype == "F16")
                BinaryPrimitives.WriteHalfLittleEndian(element, (Half)values[i]);
            else if (dtype == "BF16")
                BinaryPrimitives.WriteUInt16LittleEndian(element, (ushort)(BitConverter.SingleToUInt32Bits(values[i]) >> 16));
            else if (dtype == "F32")
                BinaryPrimitives.WriteSingleLittleEndian(element, values[i]);
            else
                BinaryPrimitives.WriteDoubleLittleEndian(element, values[i]);
        }
        using SafetensorsFile file = File(dtype, data);
        Assert.Equal(values, file.ReadFloats("w"));
    }

    [Fact]
    public void Other_types_and_other_shapes_are_refused()
    {
        using SafetensorsFile whole = File("I16", new byte[12]), floats = File("F16", new byte[12]);
        Assert.Throws<InvalidDataException>(() => whole.ReadFloats("w"));
        var weights = new Spn.Inference.Weights(name => (floats.ReadFloats(name), floats.Entries[name].Shape));
        Assert.Equal(6, weights.Read("w", 2, 3).Length);
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => weights.Read("w", 3, 2));
        Assert.Contains("w is [2, 3], expected [3, 2]", refused.Message, StringComparison.Ordinal);
    }

    private static SafetensorsFile File(string dtype, byte[] data)
    {
        string json = "{\"w\":{\"dtype\":\"" + dtype + "\",\"shape\":[2,3],\"data_offsets\":[0," + data.Length + "]}}";
        return SafetensorsFile.FromBytes(SafetensorsBytes.File(json, data), "test");
    }
}

using System.Text;

namespace Spn.Tools.Tests.Samples;

/// <summary>
/// A segmentation network of two classes as an ONNX file, written field by field (onnx.proto3): the mean of 8 x 8 pixels, then a 1 x 1
/// convolution that compares red with blue.
/// </summary>
internal static class TinyOnnx
{
    public static byte[] File()
    {
        byte[] pool = Message(
            Text(1, "image"), Text(2, "cells"), Text(4, "AveragePool"),
            Field(5, Ints("kernel_shape", 8, 8)), Field(5, Ints("strides", 8, 8)));
        byte[] convolution = Message(Text(1, "cells"), Text(1, "weights"), Text(2, "scores"), Text(4, "Conv"));
        float[] weights = [-3, 0, 3, 3, 0, -3]; // class 0: blue, class 1: red
        byte[] tensor = Message(
            Number(1, 2), Number(1, 3), Number(1, 1), Number(1, 1), Number(2, 1), Text(8, "weights"),
            Field(9, [.. weights.SelectMany(BitConverter.GetBytes)]));
        byte[] graph = Message(
            Field(1, pool), Field(1, convolution), Text(2, "tiny"), Field(5, tensor),
            Field(11, Value("image", 3)), Field(12, Value("scores", 2)));
        return Message(Number(1, 8), Field(8, Message(Text(1, ""), Number(2, 17))), Field(7, graph));
    }

    /// <summary>float32 <c>[1, channels, ?, ?]</c>.</summary>
    private static byte[] Value(string name, int channels)
    {
        byte[] shape = Message(
            Field(1, Number(1, 1)), Field(1, Number(1, channels)), Field(1, Text(2, $"{name}_height")), Field(1, Text(2, $"{name}_width")));
        return Message(Text(1, name), Field(2, Field(1, Message(Number(1, 1), Field(2, shape)))));
    }

    private static byte[] Ints(string name, params int[] values)
        => Message([Text(1, name), .. values.Select(value => Number(8, value)), Number(20, 7)]);

    private static byte[] Message(params byte[][] fields) => [.. fields.SelectMany(field => field)];

    private static byte[] Text(int field, string text) => Field(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Field(int field, byte[] content) => [.. Varint(field << 3 | 2), .. Varint(content.Length), .. content];

    private static byte[] Number(int field, int value) => [.. Varint(field << 3), .. Varint(value)];

    private static byte[] Varint(int value)
    {
        List<byte> bytes = [];
        for (; value > 127; value >>= 7)
            bytes.Add((byte)(value & 127 | 128));
        return [.. bytes, (byte)value];
    }
}

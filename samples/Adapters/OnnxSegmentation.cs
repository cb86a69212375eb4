using Microsoft.ML.OnnxRuntime;
using Spn;

namespace Adapters;

/// <summary>
/// Semantic segmentation by ONNX Runtime: the image in, the probabilities of its classes out, ready for <c>refiner.Refine</c>. The network
/// takes <c>[1, 3, height, width]</c> of any size and returns scores <c>[1, classes, h, w]</c>.
/// </summary>
public static class OnnxSegmentation
{
    private static readonly float[] s_mean = [0.485f, 0.456f, 0.406f], s_deviation = [0.229f, 0.224f, 0.225f]; // ImageNet

    /// <summary>Runs the network.</summary>
    /// <param name="session">A network with one input and one output.</param>
    /// <param name="image">The image.</param>
    public static ClassProbabilities Run(InferenceSession session, ImageInput image)
    {
        float[] pixels = image.ToPixels(out int width, out int height);
        for (int i = 0; i < pixels.Length; i++)
        {
            int channel = i / (width * height);
            pixels[i] = (pixels[i] - s_mean[channel]) / s_deviation[channel];
        }
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(pixels, [1, 3, height, width]);
        using RunOptions options = new();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, session.InputNames, [input], session.OutputNames);
        long[] shape = outputs[0].GetTensorTypeAndShape().Shape;
        (int classes, int rows, int columns) = ((int)shape[1], (int)shape[2], (int)shape[3]);
        float[] scores = outputs[0].GetTensorDataAsSpan<float>().ToArray();
        Softmax(scores, classes, rows * columns);
        return ClassProbabilities.FromPixels(scores, classes, columns, rows);
    }

    private static void Softmax(float[] scores, int classes, int plane)
    {
        for (int pixel = 0; pixel < plane; pixel++)
        {
            float max = float.NegativeInfinity, sum = 0;
            for (int k = 0; k < classes; k++)
                max = Math.Max(max, scores[k * plane + pixel]);
            for (int k = 0; k < classes; k++)
                sum += scores[k * plane + pixel] = MathF.Exp(scores[k * plane + pixel] - max);
            for (int k = 0; k < classes; k++)
                scores[k * plane + pixel] /= sum;
        }
    }
}

using System.Drawing;
using Spn;

namespace Adapters;

/// <summary>
/// Instance masks of YOLO segmentation networks: a set of prototypes for the image, and for each object a coefficient per prototype and a
/// box. Their sum is the log-odds of the object's mask, at a quarter of the size of the network's input.
/// </summary>
public static class YoloMasks
{
    private const float Outside = -20;

    /// <summary>The masks of all objects, ready for <c>refiner.Refine(image, masks)</c>, which reads the image once.</summary>
    /// <param name="prototypes"><c>[prototypeCount, height, width]</c>, for example 32 x 160 x 160.</param>
    /// <param name="prototypeCount">The number of prototypes.</param>
    /// <param name="width">Pixels per row of a prototype.</param>
    /// <param name="height">Rows of a prototype.</param>
    /// <param name="objects">The coefficients of each object, and its box in pixels of the network's input.</param>
    /// <param name="inputWidth">
    /// Pixels per row of the network's input, for example 640, into which the image was fitted with equal margins.
    /// </param>
    public static IReadOnlyList<MaskInput> ToMasks(
        ReadOnlySpan<float> prototypes, int prototypeCount, int width, int height,
        IReadOnlyList<(float[] Coefficients, RectangleF Box)> objects, int inputWidth)
    {
        int plane = width * height;
        if (prototypes.Length != prototypeCount * plane)
        {
            throw new ArgumentException(
                $"Expected {prototypeCount} x {height} x {width} values, got {prototypes.Length}.", nameof(prototypes));
        }
        MaskInput[] masks = new MaskInput[objects.Count];
        float scale = (float)width / inputWidth;
        for (int i = 0; i < masks.Length; i++)
        {
            (float[] coefficients, RectangleF box) = objects[i];
            if (coefficients.Length != prototypeCount)
            {
                throw new ArgumentException(
                    $"Expected {prototypeCount} coefficients per object, got {coefficients.Length}.", nameof(objects));
            }
            float[] logits = new float[plane];
            for (int k = 0; k < prototypeCount; k++)
            {
                ReadOnlySpan<float> prototype = prototypes.Slice(k * plane, plane);
                for (int p = 0; p < plane; p++)
                    logits[p] += coefficients[k] * prototype[p];
            }
            for (int p = 0; p < plane; p++)
            {
                float x = (p % width + 0.5f) / scale, y = (p / width + 0.5f) / scale;
                if (x < box.Left || x >= box.Right || y < box.Top || y >= box.Bottom)
                    logits[p] = Outside;
            }
            masks[i] = MaskInput.FromPixels(logits.AsMemory(), width, height)
                .With(new MaskOptions { Fit = MaskFit.Letterbox, Values = MaskValues.Logits });
        }
        return masks;
    }
}

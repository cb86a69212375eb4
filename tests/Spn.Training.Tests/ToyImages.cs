using Spn.Training;

namespace Spn.Training.Tests;

/// <summary>A disc of one colour on another, somewhere else for each number.</summary>
internal sealed class ToyImages(int size = 64) : ILabeledImages
{
    public LabeledImage Image(ulong number)
    {
        var random = new Random((int)(number % 1000));
        double x0 = size * (0.35 + 0.3 * random.NextDouble()), y0 = size * (0.35 + 0.3 * random.NextDouble()), radius = size * 0.25;
        byte[] rgb = new byte[3 * size * size], mask = new byte[size * size];
        for (int i = 0; i < mask.Length; i++)
        {
            bool inside = Math.Pow(i % size + 0.5 - x0, 2) + Math.Pow(i / size + 0.5 - y0, 2) < radius * radius;
            mask[i] = (byte)(inside ? 255 : 0);
            (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = inside ? ((byte)200, (byte)90, (byte)40) : ((byte)60, (byte)110, (byte)160);
        }
        return new LabeledImage(size, size, rgb, mask);
    }
}

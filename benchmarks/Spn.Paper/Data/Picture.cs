using OpenCvSharp;

namespace Spn.Paper.Data;

/// <summary>A picture with a class for every pixel.</summary>
/// <param name="Name">The name in reports.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Rgb"><c>[3, H, W]</c>, 0..1.</param>
/// <param name="Labels"><c>[H, W]</c>; <see cref="Void"/> where the class is unknown.</param>
internal sealed record Picture(string Name, int Width, int Height, float[] Rgb, byte[] Labels)
{
    public const byte Void = 255;

    /// <summary>Reads a photo and its labels, and resizes both: the photo by area, the labels by nearest neighbour.</summary>
    /// <param name="photo">The path of the photo.</param>
    /// <param name="labels">The path of an 8-bit or palette PNG.</param>
    /// <param name="width">The width of the result.</param>
    /// <param name="height">The height of the result.</param>
    /// <param name="classOf">The class of each label.</param>
    public static Picture Load(string photo, string labels, int width, int height, Func<int, byte> classOf)
    {
        using Mat image = Cv2.ImRead(photo, ImreadModes.Color);
        if (image.Empty())
            throw new InvalidDataException($"'{photo}' cannot be read.");
        LabelMap truth = LabelMap.Load(labels);
        if (truth.Width != image.Width || truth.Height != image.Height)
            throw new InvalidDataException($"'{labels}' is {truth.Width} x {truth.Height}, but its photo is {image.Size()}.");
        using Mat resized = image.Resize(new Size(width, height), 0, 0, InterpolationFlags.Area);
        byte[] classes = new byte[width * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                classes[y * width + x] = classOf(truth[(2 * x + 1) * truth.Width / (2 * width), (2 * y + 1) * truth.Height / (2 * height)]);
        }
        return new Picture(Path.GetFileNameWithoutExtension(photo), width, height, Planes(resized), classes);
    }

    /// <summary>8-bit BGR as planes of RGB in 0..1.</summary>
    public static float[] Planes(Mat image)
    {
        image.GetArray(out Vec3b[] pixels);
        float[] rgb = new float[3 * pixels.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            rgb[i] = pixels[i].Item2 / 255f;
            rgb[pixels.Length + i] = pixels[i].Item1 / 255f;
            rgb[2 * pixels.Length + i] = pixels[i].Item0 / 255f;
        }
        return rgb;
    }
}

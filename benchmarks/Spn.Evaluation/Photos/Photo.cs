using OpenCvSharp;
using Spn.Metrics;

namespace Spn.Evaluation.Photos;

/// <summary>A photo with its true mask and the pixels at which the mask is undecided.</summary>
internal sealed class Photo : IDisposable
{
    /// <summary>Reads the files. Without a void file, every pixel counts.</summary>
    /// <param name="name">The name in reports.</param>
    /// <param name="imagePath">The path of the photo.</param>
    /// <param name="truthPath">The path of the true mask.</param>
    /// <param name="voidPath">The path of the void mask.</param>
    /// <param name="enlarge">The factor by which width and height are enlarged.</param>
    /// <param name="thinOnly">Whether only pixels around <see cref="ThinParts"/> count.</param>
    public Photo(string name, string imagePath, string truthPath, string? voidPath, int enlarge, bool thinOnly)
    {
        Name = name;
        Image = Cv2.ImRead(imagePath, ImreadModes.Color);
        Truth = Read(truthPath, "true mask");
        Void = voidPath is null ? new Mat(Image.Size(), MatType.CV_8UC1, Scalar.Black) : Read(voidPath, "void mask");
        foreach (Mat map in enlarge == 1 ? [] : new[] { Image, Truth, Void })
            Enlarge(map, enlarge);
        if (thinOnly)
        {
            using Mat region = ThinParts.Region(Truth);
            Void.SetTo(Scalar.White, ~region);
        }
        (TruthMask, Ignored) = (Pixels(Truth), Pixels(Void));
    }

    public string Name { get; }

    /// <summary>Whether no pixel counts.</summary>
    public bool IsEmpty => Ignored.Pixels.IndexOf((byte)0) < 0;

    /// <summary>8-bit BGR.</summary>
    public Mat Image { get; }

    /// <summary>8-bit, 0 or 255.</summary>
    public Mat Truth { get; }

    /// <summary>8-bit: 255 where the truth is unknown, otherwise 0.</summary>
    public Mat Void { get; }

    public BinaryMask TruthMask { get; }

    /// <summary>The pixels that the metrics ignore.</summary>
    public BinaryMask Ignored { get; }

    public void Dispose()
    {
        Image.Dispose();
        Truth.Dispose();
        Void.Dispose();
    }

    private Mat Read(string path, string what)
    {
        using Mat grey = Cv2.ImRead(path, ImreadModes.Grayscale);
        if (Image.Empty() || grey.Empty() || Image.Size() != grey.Size())
            throw new InvalidDataException(
                $"{Name}: the photo is {Image.Size()} and {what} is {grey.Size()}; expected readable files of one size.");
        var hard = new Mat();
        Cv2.Threshold(grey, hard, 127, 255, ThresholdTypes.Binary);
        return hard;
    }

    /// <summary>Enlarges an image in place with smooth borders; a mask stays 0 or 255.</summary>
    private static void Enlarge(Mat map, int times)
    {
        Cv2.Resize(map, map, new Size(map.Width * times, map.Height * times), 0, 0, InterpolationFlags.Cubic);
        if (map.Channels() == 1)
            Cv2.Threshold(map, map, 127, 255, ThresholdTypes.Binary);
    }

    private static BinaryMask Pixels(Mat mask)
    {
        mask.GetArray(out byte[] pixels);
        return BinaryMask.From(pixels, mask.Width, mask.Height);
    }
}

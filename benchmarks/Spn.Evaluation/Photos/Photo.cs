using OpenCvSharp;
using Spn.Metrics;

namespace Spn.Evaluation.Photos;

/// <summary>A photo with its true mask, and where that is undecided.</summary>
internal sealed class Photo : IDisposable
{
    /// <summary>Reads the files; without a void file, every pixel counts.</summary>
    public Photo(string name, string imagePath, string truthPath, string? voidPath)
    {
        Name = name;
        Image = Cv2.ImRead(imagePath, ImreadModes.Color);
        Truth = Read(truthPath, "true mask");
        Void = voidPath is null ? new Mat(Image.Size(), MatType.CV_8UC1, Scalar.Black) : Read(voidPath, "void mask");
        (TruthMask, Ignored) = (Pixels(Truth), Pixels(Void));
    }

    public string Name { get; }

    /// <summary>8-bit BGR.</summary>
    public Mat Image { get; }

    /// <summary>8-bit, 0 or 255.</summary>
    public Mat Truth { get; }

    /// <summary>8-bit: 255 where nobody knows the truth, else 0.</summary>
    public Mat Void { get; }

    public BinaryMask TruthMask { get; }

    /// <summary>What no metric counts.</summary>
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
            throw new InvalidDataException($"{Name}: photo {Image.Size()} and {what} {grey.Size()} do not fit or cannot be read.");
        var hard = new Mat();
        Cv2.Threshold(grey, hard, 127, 255, ThresholdTypes.Binary);
        return hard;
    }

    private static BinaryMask Pixels(Mat mask)
    {
        mask.GetArray(out byte[] pixels);
        return BinaryMask.From(pixels, mask.Width, mask.Height);
    }
}

using OpenCvSharp;
using Spn.Metrics;

namespace Spn.Evaluation.Photos;

/// <summary>A photo with its true mask.</summary>
internal sealed class Photo : IDisposable
{
    public Photo(string name, string imagePath, string truthPath)
    {
        Name = name;
        Image = Cv2.ImRead(imagePath, ImreadModes.Color);
        using Mat truth = Cv2.ImRead(truthPath, ImreadModes.Grayscale);
        if (Image.Empty() || truth.Empty() || Image.Size() != truth.Size())
            throw new InvalidDataException($"{name}: photo {Image.Size()} and true mask {truth.Size()} do not fit or cannot be read.");
        Truth = new Mat();
        Cv2.Threshold(truth, Truth, 127, 255, ThresholdTypes.Binary);
        Truth.GetArray(out byte[] pixels);
        TruthMask = BinaryMask.From(pixels, truth.Width, truth.Height);
    }

    public string Name { get; }

    /// <summary>8-bit BGR.</summary>
    public Mat Image { get; }

    /// <summary>8-bit, 0 or 255.</summary>
    public Mat Truth { get; }

    public BinaryMask TruthMask { get; }

    public void Dispose()
    {
        Image.Dispose();
        Truth.Dispose();
    }
}

using OpenCvSharp;

namespace Spn.Evaluation.Classes;

/// <summary>A photo with its true labels and a network's class probabilities.</summary>
/// <param name="Name">The name in reports.</param>
/// <param name="Image">8-bit BGR.</param>
/// <param name="Truth">The true labels at the photo's size; void pixels do not count.</param>
/// <param name="Labels">The label of each class of <paramref name="Coarse"/>; all other labels have probability 0.</param>
/// <param name="Coarse">The probabilities at the network's own size.</param>
internal sealed record ClassPhoto(string Name, Mat Image, LabelMap Truth, IReadOnlyList<int> Labels, ClassProbabilities Coarse)
    : IDisposable
{
    public void Dispose() => Image.Dispose();

    /// <summary>The most likely label of every pixel.</summary>
    /// <param name="classes">Probabilities at the photo's size, class by class as in <see cref="Coarse"/>.</param>
    public LabelMap ToLabels(ClassProbabilities classes)
    {
        int[] labels = [.. classes.ToLabelMap().Labels];
        for (int i = 0; i < labels.Length; i++)
            labels[i] = Labels[labels[i]];
        return LabelMap.FromPixels(labels, classes.Width, classes.Height);
    }

    /// <summary>The Euclidean distance of every pixel to the nearest true boundary, in pixels.</summary>
    /// <remarks>
    /// A boundary pixel has a right or lower neighbour with another label, or is that neighbour. Void counts as a label here, so distances
    /// start at the border of the void band that VOC draws around objects. Without any boundary, all distances are infinite.
    /// </remarks>
    public float[] BoundaryDistances()
    {
        (int width, int height) = (Truth.Width, Truth.Height);
        ReadOnlySpan<int> labels = Truth.Labels;
        byte[] interior = new byte[labels.Length];
        Array.Fill(interior, (byte)1);
        bool any = false;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int i = y * width + x;
                if (x + 1 < width && labels[i] != labels[i + 1])
                    (interior[i], interior[i + 1], any) = (0, 0, true);
                if (y + 1 < height && labels[i] != labels[i + width])
                    (interior[i], interior[i + width], any) = (0, 0, true);
            }
        }
        float[] distances = new float[labels.Length];
        Array.Fill(distances, float.PositiveInfinity);
        if (!any)
            return distances;
        using Mat map = Mat.FromPixelData(height, width, MatType.CV_8UC1, interior), measured = new();
        Cv2.DistanceTransform(map, measured, DistanceTypes.L2, DistanceTransformMasks.Precise);
        measured.GetArray(out distances);
        return distances;
    }
}

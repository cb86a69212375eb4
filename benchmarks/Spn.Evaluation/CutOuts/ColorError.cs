using OpenCvSharp;

namespace Spn.Evaluation.CutOuts;

/// <summary>Differences of colours in levels of 255, over pixels and channels.</summary>
internal readonly record struct ColorError(double Absolute, double Squared, long Values)
{
    public double Mean => Absolute / Values;

    public double MeanSquare => Squared / Values;

    public static ColorError operator +(ColorError a, ColorError b)
        => new(a.Absolute + b.Absolute, a.Squared + b.Squared, a.Values + b.Values);

    /// <summary>Compares two pictures, 8-bit BGR, where a mask is not 0.</summary>
    public static ColorError Of(Mat picture, Mat truth, Mat where)
    {
        var a = picture.GetUnsafeGenericIndexer<Vec3b>();
        var b = truth.GetUnsafeGenericIndexer<Vec3b>();
        var chosen = where.GetUnsafeGenericIndexer<byte>();
        (int width, int height) = (picture.Width, picture.Height);
        double absolute = 0, squared = 0;
        long values = 0;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                if (chosen[y, x] == 0)
                    continue;
                for (int channel = 0; channel < 3; channel++)
                {
                    double difference = a[y, x][channel] - b[y, x][channel];
                    absolute += Math.Abs(difference);
                    squared += difference * difference;
                }
                values += 3;
            }
        }
        return new(absolute, squared, values);
    }
}

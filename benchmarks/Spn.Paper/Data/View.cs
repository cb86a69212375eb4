namespace Spn.Paper.Data;

/// <summary>
/// A random view of a picture, as the slides augment: rotated by up to 15 degrees, scaled by up to 10 %, shifted, and mirrored. What lies
/// outside the picture repeats its border and has no class.
/// </summary>
internal static class View
{
    private const double MaxAngle = 15 * Math.PI / 180, MaxScale = 0.1, MaxShift = 0.08;

    /// <param name="picture">The picture.</param>
    /// <param name="random">The source of the view.</param>
    /// <param name="mirrored">The class of each class in a mirrored picture, or <see langword="null"/> to leave classes unchanged.</param>
    public static Picture Random(Picture picture, Random random, IReadOnlyList<byte>? mirrored = null)
    {
        (int width, int height) = (picture.Width, picture.Height);
        double angle = Between(MaxAngle), scale = 1 + Between(MaxScale);
        (double cos, double sin) = (Math.Cos(angle) / scale, Math.Sin(angle) / scale);
        (double dx, double dy) = (Between(MaxShift) * width, Between(MaxShift) * height);
        bool mirror = random.NextDouble() < 0.5;
        float[] rgb = new float[3 * width * height];
        byte[] labels = new byte[width * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double u = x + 0.5 - width / 2.0, v = y + 0.5 - height / 2.0;
                if (mirror)
                    u = -u;
                double atX = cos * u - sin * v + width / 2.0 + dx - 0.5, atY = sin * u + cos * v + height / 2.0 + dy - 0.5;
                int i = y * width + x;
                Sample(picture, atX, atY, rgb, i);
                int nearX = (int)Math.Round(atX), nearY = (int)Math.Round(atY);
                bool inside = nearX >= 0 && nearX < width && nearY >= 0 && nearY < height;
                byte label = inside ? picture.Labels[nearY * width + nearX] : Picture.Void;
                labels[i] = mirror && mirrored is not null && label != Picture.Void ? mirrored[label] : label;
            }
        }
        return picture with { Rgb = rgb, Labels = labels };

        double Between(double max) => max * (2 * random.NextDouble() - 1);
    }

    private static void Sample(Picture picture, double x, double y, float[] target, int index)
    {
        (int width, int height) = (picture.Width, picture.Height);
        (x, y) = (Math.Clamp(x, 0, width - 1), Math.Clamp(y, 0, height - 1));
        int x0 = (int)x, y0 = (int)y, x1 = Math.Min(x0 + 1, width - 1), y1 = Math.Min(y0 + 1, height - 1);
        float fx = (float)(x - x0), fy = (float)(y - y0);
        for (int c = 0, plane = 0; c < 3; c++, plane += width * height)
        {
            float upper = Mix(picture.Rgb[plane + y0 * width + x0], picture.Rgb[plane + y0 * width + x1], fx);
            float lower = Mix(picture.Rgb[plane + y1 * width + x0], picture.Rgb[plane + y1 * width + x1], fx);
            target[plane + index] = Mix(upper, lower, fy);
        }

        static float Mix(float a, float b, float share) => a + (b - a) * share;
    }
}

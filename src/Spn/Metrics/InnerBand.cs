namespace Spn.Metrics;

/// <summary>The pixels of a mask within a distance of its contour: the pixels that an erosion removes.</summary>
internal static class InnerBand
{
    /// <summary>
    /// Returns 1 for every inside pixel that has an outside pixel at most <paramref name="distance"/> rows and columns away, otherwise 0.
    /// Positions beyond the image are outside. It takes two sweeps along rows and two along columns, independent of the distance.
    /// </summary>
    /// <param name="mask">The mask.</param>
    /// <param name="distance">The distance d in pixels, at least 1.</param>
    public static byte[] Of(BinaryMask mask, int distance)
    {
        (int width, int height) = (mask.Width, mask.Height);
        byte[] band = NearAlongRows(mask, distance);
        int[] last = new int[width]; // the last visited row with a pixel near an outside pixel
        Array.Fill(last, -1);
        byte[] near = new byte[band.Length];
        for (int y = 0; y < height; y++)
            Sweep(y);
        Array.Fill(last, height);
        for (int y = height - 1; y >= 0; y--)
            Sweep(y);
        for (int i = 0; i < near.Length; i++)
            near[i] &= mask.Pixels[i];
        return near;

        void Sweep(int y)
        {
            for (int x = 0, i = y * width; x < width; x++, i++)
            {
                if (band[i] != 0)
                    last[x] = y;
                if (Math.Abs(last[x] - y) <= distance)
                    near[i] = 1;
            }
        }
    }

    /// <summary>1 if the pixel's own row contains an outside pixel within the distance.</summary>
    private static byte[] NearAlongRows(BinaryMask mask, int distance)
    {
        ReadOnlySpan<byte> pixels = mask.Pixels;
        byte[] near = new byte[pixels.Length];
        for (int row = 0; row < pixels.Length; row += mask.Width)
        {
            int end = row + mask.Width, last = row - 1;
            for (int i = row; i < end; i++)
            {
                if (pixels[i] == 0)
                    last = i;
                near[i] = (byte)(i - last <= distance ? 1 : 0);
            }
            last = end;
            for (int i = end - 1; i >= row; i--)
            {
                if (pixels[i] == 0)
                    last = i;
                if (last - i <= distance)
                    near[i] = 1;
            }
        }
        return near;
    }
}

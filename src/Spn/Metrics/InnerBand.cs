namespace Spn.Metrics;

/// <summary>A mask's pixels within a distance of its contour, seen from inside: what the mask loses to an erosion.</summary>
internal static class InnerBand
{
    /// <summary>
    /// 1 where a pixel is inside and one outside lies at most <paramref name="distance"/> rows and columns away, else 0; beyond the image is outside.
    /// Two sweeps along rows, two along columns, whatever the distance.
    /// </summary>
    /// <param name="mask">The mask.</param>
    /// <param name="distance">d in pixels, 1 or more.</param>
    public static byte[] Of(BinaryMask mask, int distance)
    {
        (int width, int height) = (mask.Width, mask.Height);
        byte[] band = NearAlongRows(mask, distance);
        int[] last = new int[width]; // the row, above or below, that is near an outside pixel
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

    /// <summary>1 where the pixel's own row has an outside pixel within the distance.</summary>
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

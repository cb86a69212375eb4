namespace Spn.Imaging.Shapes;

/// <summary>
/// Area opening and closing of soft masks by union-find over pixels in order of their values (Meijster and Wilkinson, "A comparison of
/// algorithms for connected set openings and closings", PAMI 2002).
/// </summary>
internal static class AreaFilter
{
    /// <summary>Flattens islands, then holes, of fewer pixels than <paramref name="minArea"/>, in place.</summary>
    /// <param name="pixels"><c>[height, width]</c>, in 0..1.</param>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="minArea">The smallest area that stays.</param>
    public static void RemoveIslandsAndHoles(Span<float> pixels, int width, int height, int minArea)
    {
        if (minArea <= 1)
            return;
        Flatten(pixels, width, height, minArea, islands: true);
        Flatten(pixels, width, height, minArea, islands: false);
    }

    /// <summary>Lowers islands, connected by sides and corners, or raises holes, connected by sides.</summary>
    private static void Flatten(Span<float> pixels, int width, int height, int minArea, bool islands)
    {
        int[] order = Sorted(pixels, descending: islands);
        int[] parents = new int[pixels.Length]; // of a root: minus its area
        bool[] seen = new bool[pixels.Length];
        foreach (int pixel in order)
        {
            parents[pixel] = -1;
            seen[pixel] = true;
            (int y, int x) = int.DivRem(pixel, width);
            for (int dy = y > 0 ? -1 : 0; dy <= (y < height - 1 ? 1 : 0); dy++)
            {
                for (int dx = x > 0 ? -1 : 0; dx <= (x < width - 1 ? 1 : 0); dx++)
                {
                    int neighbour = pixel + dy * width + dx;
                    if (seen[neighbour] && neighbour != pixel && (islands || dx == 0 || dy == 0))
                        Join(Root(parents, neighbour), pixel, pixels, parents, minArea);
                }
            }
        }
        for (int i = order.Length - 1; i >= 0; i--)
        {
            int pixel = order[i];
            if (parents[pixel] >= 0)
                pixels[pixel] = pixels[parents[pixel]];
        }
    }

    /// <summary>Flattens a part to the value of <paramref name="pixel"/> if it is smaller than the smallest area that stays.</summary>
    private static void Join(int root, int pixel, ReadOnlySpan<float> pixels, int[] parents, int minArea)
    {
        if (root == pixel)
            return;
        if (pixels[root] == pixels[pixel] || -parents[root] < minArea)
        {
            parents[pixel] = -Math.Min(minArea, -parents[pixel] - parents[root]);
            parents[root] = pixel;
        }
        else
        {
            parents[pixel] = -minArea; // next to a part that stays: so does this one
        }
    }

    private static int Root(int[] parents, int pixel)
    {
        int root = pixel;
        while (parents[root] >= 0)
            root = parents[root];
        while (parents[pixel] >= 0)
        {
            int next = parents[pixel];
            parents[pixel] = root;
            pixel = next;
        }
        return root;
    }

    /// <summary>Radix sort over the bits of the values, which order floats of 0 and more.</summary>
    private static int[] Sorted(ReadOnlySpan<float> pixels, bool descending)
    {
        uint flip = descending ? uint.MaxValue : 0;
        int[] order = new int[pixels.Length], sorted = new int[pixels.Length];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        for (int shift = 0; shift < 32; shift += 16)
        {
            int[] starts = new int[(1 << 16) + 1];
            foreach (float value in pixels)
                starts[Key(value, shift, flip) + 1]++;
            for (int i = 1; i < starts.Length; i++)
                starts[i] += starts[i - 1];
            foreach (int pixel in order)
                sorted[starts[Key(pixels[pixel], shift, flip)]++] = pixel;
            (order, sorted) = (sorted, order);
        }
        return order;

        static int Key(float value, int shift, uint flip) => (int)((BitConverter.SingleToUInt32Bits(value) ^ flip) >> shift & 0xFFFF);
    }
}

namespace Spn.Imaging;

/// <summary>Pictures over pictures (Porter and Duff 1984), of RGBA pixels that are not premultiplied.</summary>
internal static class AlphaBlend
{
    /// <summary>Lays pixels over others.</summary>
    /// <param name="above">The upper pixels, 4 bytes each.</param>
    /// <param name="below">The lower ones, which the result replaces.</param>
    public static void Over(ReadOnlySpan<byte> above, Span<byte> below)
    {
        for (int i = 0; i < above.Length; i += 4)
        {
            int upper = above[i + 3] * 255, lower = below[i + 3] * (255 - above[i + 3]), alpha = upper + lower; // of 255²
            if (alpha == 0)
                continue;
            for (int channel = 0; channel < 3; channel++)
                below[i + channel] = (byte)((above[i + channel] * upper + below[i + channel] * lower + alpha / 2) / alpha);
            below[i + 3] = (byte)((alpha + 127) / 255);
        }
    }
}

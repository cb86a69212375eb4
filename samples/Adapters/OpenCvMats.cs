using OpenCvSharp;
using Spn;

namespace Adapters;

/// <summary>OpenCvSharp matrices in and out. Pixels are copied, so a matrix may be disposed before the refiner is called.</summary>
public static class OpenCvMats
{
    /// <summary>An image of type CV_8UC1 (grey), CV_8UC3 (BGR) or CV_8UC4 (BGRA, whose alpha is ignored).</summary>
    public static ImageInput ToImageInput(this Mat image)
    {
        PixelFormat format = image.Type() switch
        {
            var type when type == MatType.CV_8UC1 => PixelFormat.Gray8,
            var type when type == MatType.CV_8UC3 => PixelFormat.Bgr24,
            var type when type == MatType.CV_8UC4 => PixelFormat.Bgra32,
            var type => throw new ArgumentException($"Expected CV_8UC1, CV_8UC3 or CV_8UC4, got {type}.", nameof(image)),
        };
        return ImageInput.FromPixels(Bytes(image), image.Width, image.Height, format);
    }

    /// <summary>A mask of type CV_8UC1 (0 to 255, or zeros and ones) or CV_32FC1 (probabilities).</summary>
    public static MaskInput ToMaskInput(this Mat mask)
    {
        if (mask.Type() == MatType.CV_8UC1)
            return MaskInput.FromPixels(Bytes(mask).AsMemory(), mask.Width, mask.Height);
        if (mask.Type() != MatType.CV_32FC1)
            throw new ArgumentException($"Expected CV_8UC1 or CV_32FC1, got {mask.Type()}.", nameof(mask));
        mask.GetArray(out float[] probabilities);
        return MaskInput.FromPixels(probabilities.AsMemory(), mask.Width, mask.Height);
    }

    /// <summary>A mask as CV_32FC1, 0 to 1, which the caller disposes.</summary>
    public static Mat ToMat(this Mask mask)
    {
        Mat result = new(mask.Height, mask.Width, MatType.CV_32FC1);
        result.SetArray(mask.Pixels.ToArray());
        return result;
    }

    private static byte[] Bytes(Mat mat)
    {
        using Mat whole = mat.Clone(); // a part of a larger matrix has gaps between its rows, its copy has none
        byte[] bytes = new byte[whole.Total() * whole.ElemSize()];
        System.Runtime.InteropServices.Marshal.Copy(whole.Data, bytes, 0, bytes.Length);
        return bytes;
    }
}

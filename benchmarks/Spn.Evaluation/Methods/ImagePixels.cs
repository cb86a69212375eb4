using OpenCvSharp;

namespace Spn.Evaluation.Methods;

/// <summary>Converts OpenCV's images for the library.</summary>
internal static class ImagePixels
{
    /// <summary>An 8-bit BGR image as the library's input; the pixels are copied.</summary>
    public static ImageInput ToInput(this Mat image)
    {
        byte[] pixels = new byte[3 * image.Width * image.Height];
        using Mat copy = Mat.FromPixelData(image.Height, image.Width, MatType.CV_8UC3, pixels);
        image.CopyTo(copy);
        return ImageInput.FromPixels(pixels, image.Width, image.Height, PixelFormat.Bgr24);
    }
}

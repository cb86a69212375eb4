using SkiaSharp;

namespace Spn.Training.Scenes;

/// <summary>A colour image in progress: three channels with gamma-encoded values, 0..1 and temporarily beyond.</summary>
internal sealed class Picture(int width, int height) : IDisposable
{
    public int Width => Red.Width;

    public int Height => Red.Height;

    public Channel Red { get; } = new(width, height);

    public Channel Green { get; } = new(width, height);

    public Channel Blue { get; } = new(width, height);

    public Channel[] Channels => [Red, Green, Blue];

    /// <summary>The region of the whole image.</summary>
    public SKRectI Bounds => new(0, 0, Width, Height);

    public Picture Copy()
    {
        Picture copy = new(Width, Height);
        Red.CopyTo(copy.Red);
        Green.CopyTo(copy.Green);
        Blue.CopyTo(copy.Blue);
        return copy;
    }

    public void Dispose()
    {
        Red.Dispose();
        Green.Dispose();
        Blue.Dispose();
    }
}

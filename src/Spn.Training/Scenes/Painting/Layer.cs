using System.Numerics;
using SkiaSharp;

namespace Spn.Training.Scenes;

/// <summary>An image that is painted separately and then composited over the scene: premultiplied colours and their coverage.</summary>
internal sealed class Layer(int width, int height) : IDisposable
{
    public Picture Colour { get; } = new(width, height);

    public Channel Alpha { get; } = new(width, height);

    /// <summary>The region that may be covered.</summary>
    public SKRectI Bounds { get; private set; }

    /// <summary>Paints over the existing content.</summary>
    /// <param name="coverage">The coverage 0..1; only the region is read.</param>
    /// <param name="region">The region to paint.</param>
    /// <param name="texture">The colours.</param>
    /// <param name="light">The factor of the colours at (x, y).</param>
    public void Add(Channel coverage, SKRectI region, Picture texture, Light light)
    {
        if (region.IsEmpty)
            return;
        Bounds = Bounds.IsEmpty ? region : SKRectI.Union(Bounds, region);
        Blend(coverage, region, texture, light, onTop: false);
    }

    /// <summary>Paints only onto the existing content, without changing the coverage.</summary>
    /// <inheritdoc cref="Add"/>
    public void Mark(Channel coverage, SKRectI region, Picture texture, Light light)
        => Blend(coverage, region, texture, light, onTop: true);

    /// <summary>Applies a function, such as a blur, to all channels and extends the region by a margin.</summary>
    public void Change(Action<Channel> change, float margin)
    {
        foreach (Channel channel in Colour.Channels)
            change(channel);
        change(Alpha);
        int more = (int)MathF.Ceiling(margin);
        Bounds = SKRectI.Intersect(SKRectI.Inflate(Bounds, more, more), Colour.Bounds);
    }

    /// <summary>Composites the layer over a scene.</summary>
    /// <param name="scene">The background.</param>
    /// <param name="mask">The true mask, which is set to the given value where the layer covers it.</param>
    /// <param name="value">1 for the object, 0 for an occluder.</param>
    /// <param name="opacity">A value below 1 makes the layer translucent.</param>
    public void Over(Picture scene, Channel mask, float value, float opacity = 1)
    {
        for (int y = Bounds.Top; y < Bounds.Bottom; y++)
        {
            ReadOnlySpan<float> alpha = Alpha.Row(y);
            ReadOnlySpan<float> fromRed = Colour.Red.Row(y);
            ReadOnlySpan<float> fromGreen = Colour.Green.Row(y);
            ReadOnlySpan<float> fromBlue = Colour.Blue.Row(y);
            Span<float> red = scene.Red.Row(y), green = scene.Green.Row(y), blue = scene.Blue.Row(y), truth = mask.Row(y);
            for (int x = Bounds.Left; x < Bounds.Right; x++)
            {
                float keep = 1 - opacity * alpha[x];
                red[x] = red[x] * keep + opacity * fromRed[x];
                green[x] = green[x] * keep + opacity * fromGreen[x];
                blue[x] = blue[x] * keep + opacity * fromBlue[x];
                truth[x] += (value - truth[x]) * alpha[x];
            }
        }
    }

    public void Dispose()
    {
        Colour.Dispose();
        Alpha.Dispose();
    }

    private void Blend(Channel coverage, SKRectI region, Picture texture, Light light, bool onTop)
    {
        for (int y = region.Top; y < region.Bottom; y++)
        {
            ReadOnlySpan<float> cover = coverage.Row(y), fromRed = texture.Red.Row(y), fromGreen = texture.Green.Row(y),
                fromBlue = texture.Blue.Row(y);
            Span<float> alpha = Alpha.Row(y), red = Colour.Red.Row(y), green = Colour.Green.Row(y), blue = Colour.Blue.Row(y);
            for (int x = region.Left; x < region.Right; x++)
            {
                float share = cover[x];
                if (share == 0)
                    continue;
                float keep = 1 - share, add = share * light.At(x, y) * (onTop ? alpha[x] : 1);
                red[x] = red[x] * keep + add * fromRed[x];
                green[x] = green[x] * keep + add * fromGreen[x];
                blue[x] = blue[x] * keep + add * fromBlue[x];
                if (!onTop)
                    alpha[x] = alpha[x] * keep + share;
            }
        }
    }
}

/// <summary>Light that falls off along a line, so that a flat piece appears round.</summary>
internal readonly record struct Light(float Level, Vector2 Slope, Vector2 Centre)
{
    public float At(float x, float y) => Math.Clamp(Level + Slope.X * (x - Centre.X) + Slope.Y * (y - Centre.Y), 0.15f, 2);
}

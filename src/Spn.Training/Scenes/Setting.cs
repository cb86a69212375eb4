using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>The properties shared by all parts of a scene.</summary>
/// <param name="Options">The size and the probabilities of the difficulties.</param>
/// <param name="Palette">The colours.</param>
/// <param name="Sun">The direction from which the light comes, a unit vector.</param>
internal sealed record Setting(SceneOptions Options, Palette Palette, Vector2 Sun)
{
    public int Width => Options.Width;

    public int Height => Options.Height;

    /// <summary>The unit of length in pixels: 1/256 of the picture's size.</summary>
    public float Unit { get; } = MathF.Sqrt((float)Options.Width * Options.Height) / 256;
}

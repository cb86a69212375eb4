using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>What all parts of one scene share.</summary>
/// <param name="Options">How large it is and how often what occurs.</param>
/// <param name="Palette">Its colours.</param>
/// <param name="Sun">The direction from which light comes, a unit vector.</param>
internal sealed record Setting(SceneOptions Options, Palette Palette, Vector2 Sun)
{
    public int Width => Options.Width;

    public int Height => Options.Height;

    /// <summary>Pixels that make a length of 1/256 of the picture.</summary>
    public float Unit { get; } = MathF.Sqrt((float)Options.Width * Options.Height) / 256;
}

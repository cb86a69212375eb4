using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>A piece of an object, drawn after the pieces before it.</summary>
/// <param name="Contours">Closed polygons, in the shape's own coordinates or in pixels.</param>
/// <param name="Material">Which of the object's materials it is made of.</param>
/// <param name="EvenOdd">Whether a contour inside another one is a hole; if not, all are filled.</param>
/// <param name="OnTop">Only marks the pieces below it (an eye, a window, a stripe): it does not make the object larger.</param>
internal sealed record Part(Vector2[][] Contours, int Material, bool EvenOdd = false, bool OnTop = false)
{
    public Part Transformed(Matrix3x2 move)
        => this with { Contours = [.. Contours.Select(contour => Array.ConvertAll(contour, point => Vector2.Transform(point, move)))] };
}

/// <summary>What an object looks like, in about -1..1 along both axes, y down.</summary>
/// <param name="Parts">Pieces from back to front.</param>
internal sealed record Shape(IReadOnlyList<Part> Parts)
{
    /// <summary>How many materials it needs.</summary>
    public int Materials => Parts.Max(part => part.Material) + 1;

    public Shape Transformed(Matrix3x2 move) => new([.. Parts.Select(part => part.Transformed(move))]);

    public static Shape Of(params Part[] parts) => new(parts);
}

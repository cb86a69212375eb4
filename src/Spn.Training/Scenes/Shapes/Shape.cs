using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>A part of an object, drawn over the parts before it.</summary>
/// <param name="Contours">Closed polygons, in the shape's coordinates or in pixels.</param>
/// <param name="Material">The index of its material.</param>
/// <param name="EvenOdd">Whether a contour inside another one is a hole; otherwise all contours are filled.</param>
/// <param name="OnTop">Whether it only marks the parts below it (an eye, a window, a stripe) and does not extend the object.</param>
internal sealed record Part(Vector2[][] Contours, int Material, bool EvenOdd = false, bool OnTop = false)
{
    public Part Transformed(Matrix3x2 move)
        => this with { Contours = [.. Contours.Select(contour => Array.ConvertAll(contour, point => Vector2.Transform(point, move)))] };
}

/// <summary>The shape of an object, in about -1..1 along both axes, with y pointing down.</summary>
/// <param name="Parts">The parts from back to front.</param>
internal sealed record Shape(IReadOnlyList<Part> Parts)
{
    /// <summary>The number of materials.</summary>
    public int Materials => Parts.Max(part => part.Material) + 1;

    public Shape Transformed(Matrix3x2 move) => new([.. Parts.Select(part => part.Transformed(move))]);

    public static Shape Of(params Part[] parts) => new(parts);
}

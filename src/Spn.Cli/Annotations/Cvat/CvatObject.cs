using System.Drawing;
using System.Globalization;
using System.Xml.Linq;
using Spn.Shared;

namespace Spn.Cli.Annotations.Cvat;

/// <summary>
/// An object of an image: a mask, whose runs are within its box, row by row, beginning with the background; or a polygon.
/// </summary>
/// <param name="number">The number of the object among all children of the image, from 1, for messages.</param>
/// <param name="element">The element in the file.</param>
internal sealed class CvatObject(int number, XElement element) : IAnnotatedObject
{
    private const string MaskName = "mask", PolygonName = "polygon";

    /// <summary>Whether an element of an image is such an object.</summary>
    public static bool Is(XElement element) => element.Name.LocalName is MaskName or PolygonName;

    public Mask Read(int width, int height)
    {
        try
        {
            return element.Name.LocalName == MaskName ? FromRuns(width, height) : FromPoints(width, height);
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            throw new InvalidDataException($"{this}: {e.Plain()}", e);
        }
    }

    public void Write(Mask refined, bool asRuns)
    {
        Rectangle box = refined.BoundingBox();
        if (box.IsEmpty)
            return;
        if (element.Name.LocalName == PolygonName && !asRuns)
        {
            WritePolygons(Outlines.Of(refined));
            return;
        }
        element.Name = MaskName;
        element.SetAttributeValue("points", null);
        element.SetAttributeValue("rle", string.Join(", ", Runs(refined, box)));
        element.SetAttributeValue("left", box.X);
        element.SetAttributeValue("top", box.Y);
        element.SetAttributeValue("width", box.Width);
        element.SetAttributeValue("height", box.Height);
    }

    /// <summary>The object in a sentence.</summary>
    public override string ToString() => $"{element.Name.LocalName} {number}";

    private Mask FromRuns(int width, int height)
    {
        Rectangle box = new(Number("left"), Number("top"), Number("width"), Number("height"));
        if (box.Width < 1 || box.Height < 1 || !new Rectangle(0, 0, width, height).Contains(box))
        {
            throw new InvalidDataException(
                $"The box of {box.Width} x {box.Height} pixels at ({box.X}, {box.Y}) is not within the {width} x {height} image.");
        }
        int[] runs = [.. Text("rle").Split(',').Select(run => Parse("rle", run))];
        if (runs.Any(run => run < 0) || runs.Sum(run => (long)run) != (long)box.Width * box.Height)
            throw new InvalidDataException($"Expected runs that fill {box.Width} x {box.Height} pixels.");
        float[] pixels = new float[width * height];
        int at = 0;
        for (int run = 0; run < runs.Length; run++)
        {
            for (int end = at + runs[run]; at < end; at++)
                pixels[(box.Y + at / box.Width) * width + box.X + at % box.Width] = run % 2;
        }
        return Mask.Load(MaskInput.FromPixels(pixels.AsMemory(), width, height));
    }

    private Mask FromPoints(int width, int height) => Outlines.Fill(
        Text("points").Split(';').Select(point =>
            point.Split(',') is [var x, var y] && IsNumber(x, out float left) && IsNumber(y, out float top)
            ? new PointF(left, top)
            : throw new InvalidDataException($"Expected points x,y;x,y, got '{point}'.")),
        width, height);

    private static List<int> Runs(Mask mask, Rectangle box)
    {
        List<int> runs = [0];
        bool isInside = false;
        for (int y = box.Top; y < box.Bottom; y++)
        {
            for (int x = box.Left; x < box.Right; x++)
            {
                if (mask[x, y] >= 0.5f != isInside)
                {
                    isInside = !isInside;
                    runs.Add(0);
                }
                runs[^1]++;
            }
        }
        return runs;
    }

    private void WritePolygons(IReadOnlyList<IReadOnlyList<PointF>> outlines)
    {
        XElement last = element;
        for (int i = 0; i < outlines.Count; i++)
        {
            if (i > 0) // a polygon has one part
            {
                XElement part = new(element);
                last.AddAfterSelf(element.PreviousNode is XText space ? [new XText(space), part] : [part]);
                last = part;
            }
            last.SetAttributeValue("points", string.Join(';', outlines[i].Select(Point)));
        }
    }

    private static string Point(PointF point) => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.00},{point.Y:0.00}");

    private int Number(string attribute) => Parse(attribute, Text(attribute));

    private static int Parse(string attribute, string text)
        => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new InvalidDataException($"The attribute {attribute} has '{text}'; expected a whole number.");

    private static bool IsNumber(string text, out float number)
        => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    private string Text(string attribute)
        => element.Attribute(attribute)?.Value ?? throw new InvalidDataException($"The attribute {attribute} is missing.");
}

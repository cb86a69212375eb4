using System.Drawing;
using System.Text.Json.Nodes;
using Spn.Shared;

namespace Spn.Cli.Annotations.LabelStudio;

/// <summary>A region of a task: brush strokes as run lengths, or a polygon in percent of the image's sides.</summary>
/// <param name="task">The id of the task, for messages.</param>
/// <param name="region">The region in the file.</param>
internal sealed class LabelStudioObject(string task, JsonObject region) : IAnnotatedObject
{
    private readonly JsonObject _value = region["value"]!.AsObject();

    /// <summary>Whether a result of the file is such a region.</summary>
    public static bool Is(JsonObject result) => result["value"] is JsonObject value && (value["rle"] ?? value["points"]) is JsonArray;

    /// <exception cref="InvalidDataException">The region does not say the size of its image.</exception>
    public (int Width, int Height) Size => Named(() => (region.Get<int>("original_width"), region.Get<int>("original_height")));

    public Mask Read(int width, int height) => Named(() =>
    {
        if (Size != (width, height))
            throw new InvalidDataException($"The region is for {Size.Width} x {Size.Height} pixels, the image has {width} x {height}.");
        if (region["image_rotation"] is JsonValue turn && turn.TryGetValue(out double degrees) && degrees != 0)
            throw new InvalidDataException("The image is rotated in Label Studio, which is not supported. Rotate the file instead.");
        return _value["rle"] is JsonArray runs ? FromRuns(runs, width, height) : FromPoints(_value["points"]!.AsArray(), width, height);
    });

    public void Write(Mask refined, bool asRuns)
    {
        if (refined.BoundingBox().IsEmpty)
            return;
        if (_value["rle"] is JsonArray)
        {
            _value["rle"] = new JsonArray([.. BrushRuns.Encode(refined).Select(value => (JsonNode)value)]);
            return;
        }
        IReadOnlyList<IReadOnlyList<PointF>> outlines = Outlines.Of(refined);
        JsonArray regions = region.Parent!.AsArray();
        lock (regions) // the images of a task share them, and are refined in parallel
        {
            int at = regions.IndexOf(region);
            for (int i = 0; i < outlines.Count; i++)
            {
                JsonObject part = region;
                if (i > 0) // a polygon has one part
                {
                    part = region.DeepClone().AsObject();
                    part["id"] = $"{region["id"]}-{i + 1}";
                    regions.Insert(at + i, part);
                }
                part["value"]!["points"] = Percent(outlines[i], refined);
            }
        }
    }

    /// <summary>The region in a sentence.</summary>
    public override string ToString() => $"task {task}, region {region["id"]}";

    private static Mask FromRuns(JsonArray runs, int width, int height)
    {
        if ((long)width * height > int.MaxValue / BrushRuns.Channels)
            throw new InvalidDataException($"A brush of {width} x {height} pixels is too large.");
        byte[] values = BrushRuns.Decode(runs.Numbers<byte>(), BrushRuns.Channels * width * height);
        float[] pixels = new float[width * height];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = values[BrushRuns.Channels * i + BrushRuns.Channels - 1] > 0 ? 1 : 0;
        return Mask.Load(MaskInput.FromPixels(pixels.AsMemory(), width, height));
    }

    private static Mask FromPoints(JsonArray points, int width, int height) => Outlines.Fill(
        points.Select(point => point is JsonArray pair && pair.Numbers<double>() is [var x, var y]
            ? new PointF((float)(x * width / 100), (float)(y * height / 100))
            : throw new InvalidDataException($"Expected points [x, y], got {point?.ToJsonString() ?? "null"}.")),
        width, height);

    private static JsonArray Percent(IEnumerable<PointF> outline, Mask mask) => new(
        [.. outline.Select(point => (JsonNode)new JsonArray(Share(point.X, mask.Width), Share(point.Y, mask.Height)))]);

    private static double Share(float place, int side) => Math.Round(100.0 * place / side, 6);

    private T Named<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            throw new InvalidDataException($"{this}: {e.Plain()}", e);
        }
    }
}

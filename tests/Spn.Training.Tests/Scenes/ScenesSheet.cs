using SkiaSharp;
using Spn.Training;
using Xunit;

namespace Spn.Training.Tests.Scenes;

/// <summary>
/// Pictures to look at, one per feature and one of all: run with <c>-explicit only -class Spn.Training.Tests.Scenes.ScenesSheet</c>, the folder to
/// write to in the environment variable SPN_SHEETS.
/// </summary>
public sealed class ScenesSheet
{
    private const int Columns = 8, Rows = 4, Gap = 4;

    public static TheoryData<string> Names => ["all", .. ScenesTests.Features];

    [Theory(Explicit = true), MemberData(nameof(Names))]
    public void Draw(string feature)
    {
        string? folder = Environment.GetEnvironmentVariable("SPN_SHEETS");
        Assert.SkipWhen(folder is null, "SPN_SHEETS names no folder to write to.");
        SceneOptions options = new() { Width = 160, Height = 160 };
        if (feature != "all")
            typeof(SceneOptions).GetProperty(feature)!.SetValue(options, 1.0);

        SceneGenerator scenes = new(11, options);
        using SKBitmap sheet = new(Columns * (options.Width + Gap), Rows * (options.Height + Gap));
        for (int i = 0; i < Columns * Rows; i++)
            Copy(scenes.Image((ulong)i), sheet, i % Columns * (options.Width + Gap), i / Columns * (options.Height + Gap));
        using SKData file = sheet.Encode(SKEncodedImageFormat.Png, 100), small = sheet.Encode(SKEncodedImageFormat.Jpeg, 80);
        Directory.CreateDirectory(folder!);
        File.WriteAllBytes(Path.Combine(folder!, feature + ".png"), file.ToArray());
        File.WriteAllBytes(Path.Combine(folder!, feature + ".jpg"), small.ToArray());
    }

    private static void Copy(LabeledImage image, SKBitmap sheet, int left, int top)
    {
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                int i = y * image.Width + x;
                bool inside = image.Mask[i] >= 128;
                bool border = (x + 1 < image.Width && inside != image.Mask[i + 1] >= 128)
                    || (y + 1 < image.Height && inside != image.Mask[i + image.Width] >= 128);
                sheet.SetPixel(left + x, top + y,
                    border ? SKColors.Magenta : new SKColor(image.Rgb[3 * i], image.Rgb[3 * i + 1], image.Rgb[3 * i + 2]));
            }
        }
    }
}

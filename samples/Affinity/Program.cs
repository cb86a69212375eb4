using System.Globalization;
using SkiaSharp;
using Spn;

const string Usage = """
    usage: Affinity                          shows three pixels of the sample photo, writes artifacts/affinity.png
           Affinity IMAGE OUT X Y [X Y]...   shows the given pixels, one panel each, writes OUT (a .png file)
    """;

string image = Path.Combine(AppContext.BaseDirectory, "Photo", "flamingo.jpg"), output = Path.Combine("artifacts", "affinity.png");
int[] numbers = [450, 172, 300, 110, 640, 250];
if (args is [string given, string target, .. string[] rest])
{
    (image, output) = (given, target);
    numbers = [.. rest.Select(text => int.TryParse(text, CultureInfo.InvariantCulture, out int number) ? number : -1)];
}
if (args.Length is 1 or 2 || numbers.Length % 2 != 0 || !output.EndsWith(".png", StringComparison.OrdinalIgnoreCase)
    || Path.GetFullPath(output).Equals(Path.GetFullPath(image), StringComparison.OrdinalIgnoreCase))
{
    Console.Error.WriteLine(Usage);
    return 2;
}

try
{
    using SKBitmap photo = UprightPhoto.Load(image);
    using Refiner refiner = SpnRefiner.Configure().OnBestDevice().Build();
    using SKBitmap panels = new(photo.Width * numbers.Length / 2, photo.Height);
    using SKCanvas canvas = new(panels);
    for (int i = 0; i < numbers.Length; i += 2)
    {
        (int x, int y) = (numbers[i], numbers[i + 1]);
        Mask affinity = refiner.Affinity(image, x, y);
        using SKBitmap panel = Glow(photo, affinity);
        canvas.DrawBitmap(panel, photo.Width * (i / 2), 0);
        using SKPaint ring = new() { Color = SKColors.White, Style = SKPaintStyle.Stroke, StrokeWidth = 2, IsAntialias = true };
        canvas.DrawCircle(photo.Width * (i / 2) + x, y, 7, ring);
    }
    Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
    using SKData png = panels.Encode(SKEncodedImageFormat.Png, 100);
    string unfinished = output + ".tmp";
    File.WriteAllBytes(unfinished, png.ToArray());
    File.Move(unfinished, output, overwrite: true);
    Console.WriteLine($"wrote {Path.GetFullPath(output)}");
    return 0;
}
catch (Exception refusal)
    when (refusal is ArgumentException or IOException or InvalidDataException or UnauthorizedAccessException
        or InsufficientMemoryException or DllNotFoundException)
{
    Console.Error.WriteLine(refusal.Message);
    return 2;
}

// The photo in dark grey, with the influence of the pixel in orange. The square root makes weak influence visible.
static SKBitmap Glow(SKBitmap photo, Mask affinity)
{
    SKColor[] pixels = photo.Pixels;
    ReadOnlySpan<float> reached = affinity.Pixels;
    for (int i = 0; i < pixels.Length; i++)
    {
        SKColor p = pixels[i];
        float grey = 0.45f * (p.Red + 2 * p.Green + p.Blue) / 4, glow = MathF.Sqrt(reached[i]);
        pixels[i] = new((byte)(grey + (255 - grey) * glow), (byte)(grey + (165 - grey) * glow), (byte)(grey * (1 - glow)));
    }
    return new SKBitmap(photo.Info) { Pixels = pixels };
}

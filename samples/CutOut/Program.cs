using SkiaSharp;
using Spn;

const string Usage = """
    usage: CutOut                    cuts the sample's object out, writes artifacts/cutout.png
           CutOut IMAGE MASK OUT     cuts an object out, writes OUT (a .png file)
    Next to OUT it writes a comparison over a new background: without and with estimated colours.
    """;

string photos = Path.Combine(AppContext.BaseDirectory, "Photo");
(string image, string coarse, string output) = args switch
{
    [] => (Path.Combine(photos, "flamingo.jpg"), Path.Combine(photos, "flamingo-coarse.png"), Path.Combine("artifacts", "cutout.png")),
    [string i, string m, string o] => (i, m, o),
    _ => ("", "", ""),
};
if (!output.EndsWith(".png", StringComparison.OrdinalIgnoreCase) || Path.GetFullPath(output) == Path.GetFullPath(image))
{
    Console.Error.WriteLine(Usage);
    return 2;
}

try
{
    Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
    RgbaImage cutOut = SpnRefiner.CutOut(image, coarse);
    cutOut.CropToObject(padding: 8).Save(output);
    using SKBitmap estimated = cutOut.Over(new SKColor(255, 205, 0)).ToSKBitmap(), plain = PlainAlpha(image, cutOut.ToMask());
    string comparison = Path.ChangeExtension(output, ".comparison.png");
    using SKBitmap panels = SideBySide(plain, estimated, Detail(cutOut.ToMask()), scale: 4);
    using SKData png = panels.Encode(SKEncodedImageFormat.Png, 100);
    File.WriteAllBytes(comparison, png.ToArray());
    Console.WriteLine($"wrote {Path.GetFullPath(output)}");
    Console.WriteLine($"      {Path.GetFullPath(comparison)}   (the image's own colours | estimated colours)");
    return 0;
}
catch (Exception refusal) when (refusal is ArgumentException or IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(refusal.Message);
    return 2;
}

// The same mask as alpha of the image's own colours, which contain the old background.
static SKBitmap PlainAlpha(string image, Mask mask)
{
    float[] planes = ImageInput.From(image).ToPixels(out int width, out int height);
    SKBitmap bitmap = new(width, height);
    SKColor[] pixels = new SKColor[width * height];
    for (int i = 0; i < pixels.Length; i++)
    {
        float alpha = mask.Pixels[i];
        byte Over(int channel, byte ground) => (byte)(255 * planes[channel * pixels.Length + i] * alpha + ground * (1 - alpha) + 0.5f);
        pixels[i] = new SKColor(Over(0, 255), Over(1, 205), Over(2, 0));
    }
    bitmap.Pixels = pixels;
    return bitmap;
}

// A part of the object, right of its middle.
static SKRectI Detail(Mask mask)
{
    System.Drawing.Rectangle box = mask.BoundingBox();
    return box.IsEmpty
        ? new SKRectI(0, 0, mask.Width, mask.Height)
        : new SKRectI(box.Left + box.Width / 2, box.Top + box.Height / 6, box.Left + box.Width * 5 / 6, box.Top + box.Height / 2);
}

static SKBitmap SideBySide(SKBitmap left, SKBitmap right, SKRectI part, int scale)
{
    int width = scale * part.Width, height = scale * part.Height;
    SKBitmap panels = new(2 * width + 8, height);
    using SKCanvas canvas = new(panels);
    canvas.Clear(SKColors.White);
    canvas.DrawBitmap(left, part, SKRect.Create(0, 0, width, height));
    canvas.DrawBitmap(right, part, SKRect.Create(width + 8, 0, width, height));
    return panels;
}

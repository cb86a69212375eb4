using System.Globalization;
using SkiaSharp;
using Spn;
using Spn.Cli.Pictures;

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
    using SKBitmap photo = UprightPhoto.Decode(File.ReadAllBytes(image));
    using Refiner refiner = SpnRefiner.Configure().OnBestDevice().Build();
    using SKBitmap panels = new(photo.Width * numbers.Length / 2, photo.Height);
    using SKCanvas canvas = new(panels);
    for (int i = 0; i < numbers.Length; i += 2)
    {
        (int x, int y) = (numbers[i], numbers[i + 1]);
        using SKBitmap panel = AffinityPicture.Draw(photo, refiner.Affinity(image, x, y), x, y);
        canvas.DrawBitmap(panel, photo.Width * (i / 2), 0);
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

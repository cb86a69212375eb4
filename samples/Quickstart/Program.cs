using System.Diagnostics;
using System.Globalization;
using SkiaSharp;
using Spn;
using Spn.Cli.Pictures;
using Spn.Diagnostics;

const string Usage = """
    usage: Quickstart                    refines the sample photo, writes to artifacts/quickstart
           Quickstart IMAGE MASK OUT     refines an image, writes the mask to OUT (a .png file) and a comparison next to it
    """;
const int WarmRuns = 5;

if (args is ["-h" or "--help"])
{
    Console.WriteLine(Usage);
    return 0;
}
string shipped = Path.Combine(AppContext.BaseDirectory, "Photo");
(string image, string coarse, string output) = args switch
{
    [] => (
        Path.Combine(shipped, "flamingo.jpg"), Path.Combine(shipped, "flamingo-coarse.png"),
        Path.Combine("artifacts", "quickstart", "refined.png")),
    [string i, string m, string o] => (i, m, o),
    _ => ("", "", ""),
};
if (!Path.GetExtension(output).Equals(".png", StringComparison.OrdinalIgnoreCase))
{
    return Refuse(args.Length == 3
        ? $"OUT is '{output}'; expected a file name that ends in .png."
        : $"Expected no arguments or three, got {args.Length}.");
}
string comparison = Path.ChangeExtension(output, ".comparison.png");
foreach (string written in new[] { output, comparison })
{
    string full = Path.GetFullPath(written);
    if (new[] { image, coarse }.Any(read => read.Length > 0 && Path.GetFullPath(read).Equals(full, StringComparison.OrdinalIgnoreCase)))
        return Refuse($"OUT: '{written}' would overwrite an input; choose another name.");
}

try
{
    Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
    using Refiner refiner = SpnRefiner.Configure().OnBestDevice().Build();

    (Mask refined, RefineTimings timings, TimeSpan saving) = Run(refiner);
    Mask given = Mask.Load(coarse);
    Console.WriteLine($"image     {refined.Width} x {refined.Height}   {image}");
    Console.WriteLine($"mask      {given.Width} x {given.Height}   {coarse}");
    Console.WriteLine($"device    {(refiner.Device == RefinerDevice.Cpu ? DescribeCpu() : refiner.Device.ToString())}");
    Console.WriteLine();
    Console.WriteLine("  ms      guidance  propagation     I/O   total");
    Print("cold", timings, saving);
    var runs = Enumerable.Range(0, WarmRuns).Select(_ => Run(refiner)).OrderBy(run => run.Timings.Total + run.Saving).ToList();
    var warm = runs[WarmRuns / 2];
    Print("warm", warm.Timings, warm.Saving);

    using SKBitmap photo = UprightPhoto.Decode(File.ReadAllBytes(image));
    File.WriteAllBytes($"{comparison}.tmp", Comparison.Draw(photo, given, refined));
    File.Move($"{comparison}.tmp", comparison, overwrite: true);
    Console.WriteLine();
    Console.WriteLine($"wrote     {Path.GetFullPath(output)}");
    Console.WriteLine($"          {Path.GetFullPath(comparison)}   (coarse | refined | difference: added in green, removed in red)");
    return 0;
}
catch (Exception refusal)
    when (refusal is ArgumentException or IOException or InvalidDataException or UnauthorizedAccessException
        or InsufficientMemoryException or DllNotFoundException)
{
    return Refuse(refusal.Message);
}

(Mask Refined, RefineTimings Timings, TimeSpan Saving) Run(Refiner refiner)
{
    Mask refined = refiner.Refine(image, coarse, out RefineReport report);
    long since = Stopwatch.GetTimestamp();
    refined.Save(output);
    return (refined, report.Timings, Stopwatch.GetElapsedTime(since));
}

static string DescribeCpu()
{
    int bits = SpnDiagnostics.Describe().SimdBits;
    return $"CPU, {Environment.ProcessorCount} processors, {(bits == 0 ? "no" : $"{bits}-bit")} vectors";
}

static void Print(string name, RefineTimings timings, TimeSpan saving)
{
    double io = (timings.Input + timings.Output + saving).TotalMilliseconds, total = (timings.Total + saving).TotalMilliseconds;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"  {name}    {timings.Guidance.TotalMilliseconds,8:F1}  {timings.Propagation.TotalMilliseconds,11:F1}  {io,6:F1}  {total,6:F1}"));
}

static int Refuse(string why)
{
    Console.Error.WriteLine(why);
    Console.Error.WriteLine(Usage);
    return 2;
}

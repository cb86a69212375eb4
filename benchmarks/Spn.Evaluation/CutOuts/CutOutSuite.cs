using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using OpenCvSharp;
using Spn.Evaluation.Photos;
using Spn.Shared;

namespace Spn.Evaluation.CutOuts;

/// <summary>Cut-outs of composites whose colours and alpha are known: the image's colours as they are, and estimated ones.</summary>
internal static class CutOutSuite
{
    private const int Around = 11; // of the band: 5 pixels on both sides

    private static readonly (string Name, Func<Composite, Refiner, RgbaImage> Of)[] s_cutOuts =
    [
        ("true alpha", (composite, _) => ToMask(composite.Alpha).CutOut(ToInput(composite.Image))),
        ("refined mask", (composite, refiner) => refiner.CutOut(ToInput(composite.Image), Coarse(composite))),
    ];

    private sealed record Row(string Edge, string Alpha, string Colours)
    {
        public ColorError Foreground, Grounds;
    }

    public static int Run(CutOutArguments arguments)
    {
        PhotoFolder photos = new(arguments.Folder);
        string[] all = photos.Names(arguments.Split), names = [.. all.Where((_, i) => i % arguments.Every == 0)];
        if (names.Length < 2)
        {
            throw new InvalidDataException(
                $"{arguments.Folder}: expected two photos or more in the split '{arguments.Split}', got {names.Length}.");
        }
        if (arguments.Table is not null)
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(arguments.Table))!);
        if (arguments.Out is not null)
            Directory.CreateDirectory(arguments.Out);

        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        List<Row> rows = [];
        for (int i = 0; i < names.Length; i++)
        {
            using Photo photo = photos.Open(names[i]), behind = photos.Open(names[(i + names.Length / 2) % names.Length]),
                other = photos.Open(names[(i + names.Length / 3) % names.Length]);
            foreach (EdgeKind edge in EdgeKind.All)
            {
                using Composite composite = new(photo, behind.Image, edge);
                Measure(composite, edge, other.Image, $"{names[i]} {edge.Name}", refiner, rows, arguments.Out);
            }
            Console.Error.Write($"\r{names[i]} ({names.Length} photos) ");
        }
        Console.Error.WriteLine();
        string report = $"""
            Objects of {names.Length} photos ({arguments.Split}) over other photos. Errors in levels of 255.
            `dotnet run --project benchmarks/Spn.Evaluation -c Release -- {arguments.Command()}`

            {Table(rows)}
            """;
        Console.WriteLine(report);
        if (arguments.Table is not null)
            AtomicFile.Write(arguments.Table, report + "\n");
        return 0;
    }

    private static void Measure(Composite composite, EdgeKind edge, Mat other, string name, Refiner refiner, List<Row> rows, string? folder)
    {
        using Mat band = new(), near = new();
        Cv2.InRange(composite.Alpha, Scalar.All(0.02), Scalar.All(0.98), band);
        if (Cv2.CountNonZero(band) == 0)
            return; // too thin an object for this edge
        using Mat disc = Cv2.GetStructuringElement(MorphShapes.Ellipse, new Size(Around, Around));
        Cv2.Dilate(band, near, disc);
        using Mat fitted = new(), white = new(other.Size(), MatType.CV_8UC3, Scalar.All(255)),
            black = new(other.Size(), MatType.CV_8UC3, Scalar.All(0));
        Cv2.Resize(other, fitted, composite.Image.Size(), 0, 0, InterpolationFlags.Area);
        foreach ((string alphaName, Func<Composite, Refiner, RgbaImage> of) in s_cutOuts)
        {
            RgbaImage cutOut = of(composite, refiner);
            using Mat estimated = Colours(cutOut), alpha = ToMat(cutOut.ToMask());
            foreach ((string colours, Mat foreground) in new[] { ("image", composite.Image), ("estimated", estimated) })
            {
                Row row = RowOf(rows, edge.Name, alphaName, colours);
                row.Foreground += ColorError.Of(foreground, composite.Foreground, band);
                foreach (Mat ground in new[] { white, black, fitted })
                {
                    using Mat truth = Composite.Over(composite.Foreground, composite.Alpha, ground),
                        got = Composite.Over(foreground, alpha, ground);
                    row.Grounds += ColorError.Of(got, truth, near);
                    if (folder is not null && ground != black)
                        Cv2.ImWrite(Path.Combine(folder, $"{name} {alphaName} {colours} {(ground == white ? "white" : "photo")}.png"), got);
                }
            }
        }
    }

    private static Row RowOf(List<Row> rows, string edge, string alpha, string colours)
    {
        Row? row = rows.Find(row => (row.Edge, row.Alpha, row.Colours) == (edge, alpha, colours));
        if (row is null)
            rows.Add(row = new Row(edge, alpha, colours));
        return row;
    }

    private static string Table(List<Row> rows)
    {
        StringBuilder text = new("| edge | alpha | colours | foreground: mean error | mean square ");
        text.Append("| over new backgrounds: mean error | mean square |\n");
        text.Append("|---|---|---|---|---|---|---|\n");
        foreach (Row row in rows.OrderBy(row => row.Alpha == "true alpha" ? 0 : 1))
        {
            // Where a refined mask and the truth differ, the colour of a pixel alone says little.
            string foreground = row.Alpha == "true alpha"
                ? string.Create(CultureInfo.InvariantCulture, $"{row.Foreground.Mean:0.00} | {row.Foreground.MeanSquare:0.0}")
                : " | ";
            text.Append(CultureInfo.InvariantCulture,
                $"| {row.Edge} | {row.Alpha} | {row.Colours} | {foreground} | {row.Grounds.Mean:0.00} | {row.Grounds.MeanSquare:0.0} |\n");
        }
        return text.ToString().TrimEnd();
    }

    /// <summary>The mask as a network with cells of 8 pixels gives it.</summary>
    private static MaskInput Coarse(Composite composite)
    {
        using Mat truth = new();
        Cv2.Threshold(composite.Alpha, truth, 0.5, 255, ThresholdTypes.Binary);
        truth.ConvertTo(truth, MatType.CV_8UC1);
        using Mat small = new();
        Cv2.Resize(truth, small, new Size(truth.Width / 8, truth.Height / 8), 0, 0, InterpolationFlags.Area);
        small.GetArray(out byte[] values);
        return MaskInput.FromPixels(values.AsMemory(), small.Width, small.Height)
            .With(new MaskOptions { Fit = MaskFit.Stretch, Values = MaskValues.Probabilities });
    }

    private static ImageInput ToInput(Mat image)
    {
        byte[] pixels = new byte[3 * image.Width * image.Height];
        Marshal.Copy(image.Data, pixels, 0, pixels.Length);
        return ImageInput.FromPixels(pixels.AsMemory(), image.Width, image.Height, PixelFormat.Bgr24);
    }

    private static Mask ToMask(Mat alpha)
    {
        alpha.GetArray(out float[] values);
        return Mask.Load(MaskInput.FromPixels(values.AsMemory(), alpha.Width, alpha.Height));
    }

    private static Mat ToMat(Mask mask)
    {
        Mat alpha = new(mask.Height, mask.Width, MatType.CV_32FC1);
        alpha.SetArray(mask.Pixels.ToArray());
        return alpha;
    }

    private static Mat Colours(RgbaImage picture)
    {
        Mat colours = new(picture.Height, picture.Width, MatType.CV_8UC3);
        var target = colours.GetUnsafeGenericIndexer<Vec3b>();
        ReadOnlySpan<byte> pixels = picture.Pixels;
        for (int i = 0; i < pixels.Length; i += 4)
            target[i / 4 / picture.Width, i / 4 % picture.Width] = new(pixels[i + 2], pixels[i + 1], pixels[i]);
        return colours;
    }
}

using System.Diagnostics;
using System.Globalization;
using Spn;
#if NEEDS_TORCH
using Spn.Guidance; // versions that ran on libtorch had the models there
#endif

// Consumer CASE ARGUMENTS: measures one case with the referenced version of Spn and prints numbers.
switch (args)
{
    case ["photo", string photo, string mask, string output]:
        SpnRefiner.Refine(photo, mask).Save(output);
        break;
    case ["time", string model, var width, var height, var classes, var share, var runs]:
        Console.WriteLine(Text(Time(Case.Of(model, width, height, classes, share), Number(runs))));
        break;
    case ["memory", string model, var width, var height, var classes, var share]:
        Console.WriteLine(Text(Peak(Case.Of(model, width, height, classes, share))));
        break;
    case ["server", var threads, var calls]:
        (double first, double rest) = Server(Number(threads), Number(calls));
        Console.WriteLine($"{Text(first)} {Text(rest)}");
        break;
    default:
        Console.Error.WriteLine("Unknown case.");
        return 2;
}
return 0;

// Milliseconds of a warm call: the median.
static double Time(Case work, int runs)
{
    using Refiner refiner = work.Refiner();
    work.Run(refiner);
    work.Run(refiner);
    double[] times = new double[runs];
    for (int i = 0; i < runs; i++)
    {
        long start = Stopwatch.GetTimestamp();
        work.Run(refiner);
        times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
    Array.Sort(times);
    return times[runs / 2];
}

// Megabytes at the peak of calls, above the process with the loaded model.
static double Peak(Case work)
{
    using Refiner refiner = work.Refiner();
    Case.Of(work.Model, "64", "64", "1", "1").Run(refiner);
    GC.Collect();
    double before = Status("VmRSS");
    File.WriteAllText("/proc/self/clear_refs", "5"); // resets the peak
    for (int i = 0; i < 3; i++)
        work.Run(refiner);
    return Status("VmHWM") - before;
}

// Megabytes after the first call of many threads, and at rest after all of them.
static (double First, double After) Server(int threads, int calls)
{
    Case work = Case.Of("Fast", "512", "512", "1", "1");
    using Refiner refiner = work.Refiner();
    Work(threads);
    double first = AtRest();
    for (int done = 0; done < calls; done += threads)
        Work(threads);
    return (first, AtRest());

    void Work(int count)
    {
        Thread[] all = [.. Enumerable.Range(0, count).Select(_ => new Thread(() => work.Run(refiner)))];
        foreach (Thread thread in all)
            thread.Start();
        foreach (Thread thread in all)
            thread.Join();
    }

    static double AtRest()
    {
        Thread.Sleep(25_000); // idle memory goes back after some seconds
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Status("VmRSS");
    }
}

static double Status(string name)
{
    string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
    return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static string Text(double value) => value.ToString("F2", CultureInfo.InvariantCulture);

/// <summary>A drawn image with an object in its middle, and coarse masks of it.</summary>
internal sealed record Case(string Model, int Width, int Height, int Classes, byte[] Rgb, float[] Masks)
{
    public static Case Of(string model, string width, string height, string classes, string share)
    {
        (int w, int h, int k) = (Parse(width), Parse(height), Parse(classes));
        double radius = Math.Sqrt(double.Parse(share, CultureInfo.InvariantCulture)) / 2; // of an ellipse, by the sides of the image
        Random random = new(1);
        byte[] rgb = new byte[3 * w * h];
        float[] masks = new float[k * w * h];
        for (int y = 0; y < h; y++)
        {
            for (int x = 0; x < w; x++)
            {
                bool inside = Inside(x, y, 1);
                int noise = random.Next(12), at = y * w + x;
                (rgb[3 * at], rgb[3 * at + 1], rgb[3 * at + 2]) = inside
                    ? ((byte)(180 + noise), (byte)(120 + noise), (byte)(40 + noise))
                    : ((byte)(60 + noise + 60 * x / w), (byte)(90 + noise), (byte)(130 + noise));
                int block = Math.Max(8, w / 40), class_ = Inside(x / block * block + block / 2, y / block * block + block / 2, 0.95) ? 0 : 1 + (x * Math.Max(1, k - 1) / w);
                if (k == 1)
                    masks[at] = class_ == 0 ? 1 : 0;
                else
                    masks[class_ * w * h + at] = 1;
            }
        }
        return new(model, w, h, k, rgb, masks);

        bool Inside(double x, double y, double scale)
            => Math.Pow((x / w - 0.5) / (radius * scale), 2) + Math.Pow((y / h - 0.5) / (radius * scale), 2) < 1;

        static int Parse(string text) => int.Parse(text, CultureInfo.InvariantCulture);
    }

    public Refiner Refiner() => SpnRefiner.Configure().OnCpu().WithModel(Model == "Quality" ? SpnModel.Quality : SpnModel.Fast).Build();

    public void Run(Refiner refiner)
    {
        ImageInput image = ImageInput.FromPixels(Rgb.AsMemory(), Width, Height, PixelFormat.Rgb24);
        if (Classes == 1)
            refiner.Refine(image, MaskInput.FromPixels(Masks.AsMemory(), Width, Height));
        else
            refiner.Refine(image, ClassProbabilities.FromPixels(Masks, Classes, Width, Height));
    }
}

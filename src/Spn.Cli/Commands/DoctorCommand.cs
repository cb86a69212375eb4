using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Spn.Cli.Output;
using Spn.Diagnostics;

namespace Spn.Cli.Commands;

/// <summary><c>spn doctor</c>: what Spn runs on, and whether it works.</summary>
internal static class DoctorCommand
{
    private const int Side = 256;

    public static Command Create()
    {
        Command command = new("doctor", "Show what spn runs on, and check that it works. Start with this to report a problem.");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        SpnEnvironment environment = SpnDiagnostics.Describe();
        Show("spn", environment.Spn);
        Show("System", $"{environment.OperatingSystem}, {environment.Architecture}");
        Show(".NET", environment.DotNet);
        Show("Processors", $"{environment.Processors}, {(environment.SimdBits == 0 ? "no" : $"{environment.SimdBits}-bit")} vectors");
        bool works = true;
        foreach (SpnModel model in new[] { SpnModel.Fast, SpnModel.Quality })
            works &= Check(model);
        return works ? ExitCode.Success : ExitCode.Failed;
    }

    private static void Show(string name, string value) => Console.WriteLine($"{name,-12}{value}");

    /// <summary>Refines a disc whose coarse mask consists of blocks.</summary>
    private static bool Check(SpnModel model)
    {
        const int Block = 32;
        byte[] pixels = new byte[3 * Side * Side];
        float[] coarse = new float[Side * Side];
        int before = 0, after = 0;
        for (int i = 0; i < coarse.Length; i++)
        {
            (int y, int x) = int.DivRem(i, Side);
            pixels.AsSpan(3 * i, 3).Fill(IsInside(x, y) ? (byte)200 : (byte)60);
            coarse[i] = IsInside(x / Block * Block + Block / 2, y / Block * Block + Block / 2) ? 1 : 0;
        }
        try
        {
            using Refiner refiner = SpnRefiner.Configure().WithModel(model).Build();
            ImageInput image = ImageInput.FromPixels(pixels.AsMemory(), Side, Side, PixelFormat.Rgb24);
            MaskInput mask = MaskInput.FromPixels(coarse.AsMemory(), Side, Side);
            refiner.Refine(image, mask);
            long start = Stopwatch.GetTimestamp();
            Mask refined = refiner.Refine(image, mask);
            double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            for (int i = 0; i < coarse.Length; i++)
            {
                bool inside = IsInside(i % Side, i / Side);
                before += coarse[i] >= 0.5f != inside ? 1 : 0;
                after += refined.Pixels[i] >= 0.5f != inside ? 1 : 0;
            }
            bool isBetter = after < before;
            Show(model.Name, string.Create(
                CultureInfo.InvariantCulture,
                $"{(isBetter ? "works" : "FAILS")}: {before} wrong pixels before, {after} after, "
                + $"{milliseconds:F0} ms for {Side} x {Side} pixels"));
            return isBetter;
        }
        catch (Exception e) when (Failure.IsExpected(e) || e is TypeInitializationException or DllNotFoundException)
        {
            Show(model.Name, $"FAILS: {Failure.Describe(e)}");
            return false;
        }
    }

    private static bool IsInside(int x, int y) => (x - 120) * (x - 120) + (y - 132) * (y - 132) < 80 * 80;
}

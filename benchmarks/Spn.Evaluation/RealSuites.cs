using System.Text;
using OpenCvSharp;
using Spn.Evaluation.Classes;
using Spn.Evaluation.Methods;
using Spn.Evaluation.Networks;
using Spn.Evaluation.Report;
using Spn.Shared;

namespace Spn.Evaluation;

/// <summary>What real networks produce: masks, and class probabilities.</summary>
internal static class RealSuites
{
    public static int Run(RealArguments arguments)
    {
        // Create the output folders before the work, so that an invalid path fails immediately.
        foreach (string? folder in new[] { arguments.Tables, arguments.Out })
        {
            if (folder is not null)
                Directory.CreateDirectory(folder);
        }
        var methods = new MethodSet(arguments.Models, denseCrf: true, peers: arguments.Peers);
        if (arguments.Masks)
            RunMasks(arguments, methods);
        if (arguments.Classes)
            RunClasses(arguments, methods);
        return 0;
    }

    private static void RunMasks(RealArguments arguments, MethodSet methods)
    {
        var report = new StringBuilder("Masks of real networks. Means over photos ± standard error; ");
        report.Append("gains are paired with the network's mask.\n");
        report.Append(Origin(arguments));
        var all = new List<Score>();
        foreach (MaskSuite suite in new[] { MaskSuite.Davis(arguments.Data), MaskSuite.DavisTrain(arguments.Data) })
        {
            List<Score> scores = suite.Run(arguments, methods);
            report.Append(suite.Markdown(scores));
            all.AddRange(scores.Select(score => score with { Kind = $"{suite.Name}/{score.Kind}" }));
            if (arguments.Out is not null)
                suite.WriteSheets(arguments.Out, scores, methods);
        }
        Write(arguments, "real-masks", report.ToString(), CsvReport.Summary(all), CsvReport.PerPhoto(all));
    }

    private static void RunClasses(RealArguments arguments, MethodSet methods)
    {
        var suite = new ClassSuite(arguments, methods);
        List<ClassScore> scores = suite.Run();
        if (arguments.Out is not null)
            suite.WriteSheets(arguments.Out, scores);
        var report = new StringBuilder($"Class probabilities of real networks on part {arguments.Part} of Pascal VOC 2012 val. ");
        report.Append("± is the bootstrap standard deviation of the change in mIoU.\n");
        report.Append($"*Near* counts the pixels within {ClassScore.NearDistance} pixels of a true boundary. ");
        report.Append($"*Far* counts changed labels farther than {ClassScore.FarDistance} pixels from every boundary: ");
        report.Append("the share that became right of those that became right or wrong, and right minus wrong in percent of all pixels.\n");
        report.Append(Origin(arguments)).Append(ClassReport.Markdown(scores));
        Write(arguments, "voc-classes", report.ToString(), ClassReport.Csv(scores), ClassReport.CsvPerPhoto(scores));
    }

    private static string Origin(RealArguments arguments)
        => $"`dotnet run --project benchmarks/Spn.Evaluation -c Release -- {arguments.Command()}`\n"
            + $"OpenCV {Cv2.GetVersionString()}; times are medians on {Environment.ProcessorCount} logical cores.\n";

    private static void Write(RealArguments arguments, string name, string markdown, string csv, string perPhoto)
    {
        Console.WriteLine(markdown);
        if (arguments.Tables is not null)
        {
            AtomicFile.Write(Path.Combine(arguments.Tables, name + ".md"), markdown);
            AtomicFile.Write(Path.Combine(arguments.Tables, name + ".csv"), csv);
        }
        if (arguments.Out is not null)
            AtomicFile.Write(Path.Combine(arguments.Out, name + "-scores.csv"), perPhoto);
    }
}

using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Spn.GpuBenchmarks.Report;

/// <summary>The results of a test run.</summary>
/// <param name="Suite">The name of the run.</param>
/// <param name="Passed">The number of tests that passed.</param>
/// <param name="Failed">The number of tests that failed, and of errors outside of tests.</param>
/// <param name="Skipped">The number of tests that did not run.</param>
/// <param name="Failures">The failed tests.</param>
/// <param name="SkipReasons">The distinct reasons why tests did not run.</param>
internal sealed record TestResults(
    string Suite, int Passed, int Failed, int Skipped, IReadOnlyList<TestFailure> Failures, IReadOnlyList<string> SkipReasons)
{
    /// <summary>Reads xunit's XML. An invalid file counts as an error.</summary>
    public static TestResults Read(string path)
    {
        string suite = Path.GetFileNameWithoutExtension(path);
        try
        {
            XElement[] assemblies = [.. XDocument.Load(path).Descendants("assembly")];
            int Sum(string attribute)
                => assemblies.Sum(assembly => int.Parse(assembly.Attribute(attribute)?.Value ?? "0", CultureInfo.InvariantCulture));
            XElement[] tests = [.. assemblies.SelectMany(assembly => assembly.Descendants("test"))];
            return new TestResults(
                suite, Sum("passed"), Sum("failed") + Sum("errors"), Sum("skipped"),
                [.. tests.Where(test => test.Attribute("result")?.Value == "Fail")
                    .Select(test => new TestFailure(Name(test), Text(test, "message")))],
                [.. tests.Select(test => test.Element("reason")?.Value.Trim()).OfType<string>().Distinct()]);
        }
        catch (Exception broken) when (broken is XmlException or IOException or FormatException)
        {
            return new TestResults(suite, 0, 1, 0, [new TestFailure(suite, broken.Message)], []);
        }
    }

    private static string Name(XElement test) => test.Attribute("name")?.Value ?? "?";

    private static string Text(XElement test, string element) => test.Descendants(element).FirstOrDefault()?.Value.Trim() ?? "";
}

/// <summary>A failed test.</summary>
internal sealed record TestFailure(string Name, string Message);

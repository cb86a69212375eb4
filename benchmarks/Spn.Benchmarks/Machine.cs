using System.Runtime.InteropServices;
using BenchmarkDotNet.Reports;

namespace Spn.Benchmarks;

/// <summary>
/// Describes the machine of a report. Virtual machines hide the processor's name; on Linux, the family and model numbers identify it (for
/// AMD, family 25, model 17 is Zen 4, and family 26 is Zen 5).
/// </summary>
internal static class Machine
{
    private const string CpuInfo = "/proc/cpuinfo";

    public static string Describe(Summary? summary = null)
    {
        string name = summary?.HostEnvironmentInfo.Cpu.Value?.ProcessorName ?? RuntimeInformation.ProcessArchitecture.ToString();
        return File.Exists(CpuInfo) && Number("cpu family") is string family && Number("model\t") is string model
            ? $"{name} (family {family}, model {model})"
            : name;
    }

    private static string? Number(string key)
        => File.ReadLines(CpuInfo).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(':')[^1].Trim();
}

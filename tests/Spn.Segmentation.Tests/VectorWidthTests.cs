using Spn.Segmentation.Tests.Lattice;
using Spn.Segmentation.Tests.MeanField;
using Xunit;

namespace Spn.Segmentation.Tests;

/// <summary>The same tests where the processor has no vectors of 256 bits, and where it has none at all.</summary>
public sealed class VectorWidthTests
{
    [Theory]
    [InlineData("EnableAVX")]
    [InlineData("EnableHWIntrinsic")]
    public async Task Results_hold_without_wide_vectors(string feature)
    {
        string[] classes = [.. new[] { typeof(MeanFieldInferenceTests), typeof(PermutohedralLatticeTests), typeof(VectorsTests) }
            .SelectMany(type => new[] { "-class", type.FullName! })];
        ChildProcess run = await ChildProcess.Run(
            Environment.ProcessPath!, classes, AppContext.BaseDirectory, new() { [$"DOTNET_{feature}"] = "0" });
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Contains("Failed: 0", run.Output, StringComparison.Ordinal);
    }
}

using System.Text.RegularExpressions;
using Spn.Testing;
using Xunit;

namespace Spn.Tests;

/// <summary>The rules of docs/architecture.md about what a folder may depend on.</summary>
public sealed partial class ArchitectureTests
{
    [Theory]
    [InlineData("Simd")]
    [InlineData("Inference")]
    public void Folders_of_the_engine_use_no_tensors(string folder)
        => Assert.All(Files(folder), file => Assert.DoesNotMatch(TorchSharp(), File.ReadAllText(file)));

    [Fact]
    public void The_vectors_depend_on_native_helpers_only()
        => Assert.All(
            Files("Simd").SelectMany(File.ReadAllLines).Where(line => line.StartsWith("using Spn.", StringComparison.Ordinal)),
            line => Assert.Equal("using Spn.Native;", line));

    private static string[] Files(string folder)
    {
        string[] files = Directory.GetFiles(Path.Combine(Repository.Root(), "src", "Spn", folder), "*.cs", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        return files;
    }

    [GeneratedRegex(@"using (static )?TorchSharp|\btorch\.")]
    private static partial Regex TorchSharp();
}

using System.Text.RegularExpressions;
using Xunit;

namespace Spn.Segmentation.Tests;

public sealed partial class ArchitectureTests
{
    [Fact]
    public void Only_the_folder_Torch_uses_tensors()
    {
        string root = Path.Combine(Repository.Root(), "src", "Spn.Segmentation"), separator = Path.DirectorySeparatorChar.ToString();
        string[] files = [.. Directory.GetFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !new[] { "Torch", "obj", "bin" }.Contains(Path.GetRelativePath(root, file).Split(separator)[0]))];
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.DoesNotMatch(TorchSharp(), File.ReadAllText(file)));
    }

    [GeneratedRegex(@"using (static )?TorchSharp|\btorch\.|\.Torch\b")]
    private static partial Regex TorchSharp();
}

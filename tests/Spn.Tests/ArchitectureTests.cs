using System.Text.RegularExpressions;
using Spn.Testing;
using Xunit;

namespace Spn.Tests;

/// <summary>The rules of docs/architecture.md about what a folder of the library may depend on.</summary>
public sealed partial class ArchitectureTests
{
    /// <summary>Folders from the bottom up, with the folders whose namespaces they may use. Each may use earlier ones only.</summary>
    private static readonly (string Folder, string[] Uses)[] s_layers =
    [
        ("Native", []),
        ("Simd", ["Native"]),
        ("Weights", ["Native"]),
        ("Propagation", ["Simd"]),
        ("Models", ["Propagation"]),
        ("Inference", ["Native", "Simd", "Weights", "Propagation", "Models"]),
        ("Imaging", ["Native"]),
        ("Metrics", ["Imaging"]),
        ("CutOuts", ["Simd", "Imaging", "Metrics"]),
        ("Refinement", ["Models", "Imaging", "Metrics"]),
        ("Video", ["Imaging", "Refinement"]),
    ];

    private static readonly string s_source = Path.Combine(Repository.Root(), "src", "Spn");

    [Fact]
    public void Only_the_torch_folder_and_the_CUDA_backend_know_TorchSharp()
        => Assert.All(Files(""), file =>
        {
            if (!KnowsTorch(file))
                Assert.DoesNotMatch(TorchSharp(), File.ReadAllText(file));
        });

    [Fact]
    public void Folders_use_those_below_them_only()
    {
        for (int i = 0; i < s_layers.Length; i++)
        {
            (string folder, string[] uses) = s_layers[i];
            Assert.All(uses, other => Assert.Contains(other, s_layers[..i].Select(layer => layer.Folder)));
            foreach (string file in Files(folder).Where(file => !KnowsTorch(file)))
            {
                IEnumerable<string> used = Using().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)
                    .Where(other => other != "Shared"); // source from src/Shared
                Assert.All(used, other => Assert.True(other == folder || uses.Contains(other), $"{file} uses {other}"));
            }
        }
    }

    [Fact]
    public void Every_folder_has_a_place()
    {
        string[] above = ["Diagnostics", "Torch"], output = ["bin", "obj", "buildTransitive"];
        IEnumerable<string> folders = Directory.GetDirectories(s_source).Select(folder => Path.GetFileName(folder)!).Except(output);
        Assert.Equal(s_layers.Select(layer => layer.Folder).Concat(above).Order(StringComparer.Ordinal), folders.Order(StringComparer.Ordinal));
    }

    private static bool KnowsTorch(string file)
    {
        string[] path = Path.GetRelativePath(s_source, file).Split(Path.DirectorySeparatorChar);
        return path[0] == "Torch" || path is ["Propagation", "Cuda", ..];
    }

    private static string[] Files(string folder)
    {
        string[] files = [.. Directory.GetFiles(Path.Combine(s_source, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(s_source, file).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"))];
        Assert.NotEmpty(files);
        return files;
    }

    [GeneratedRegex(@"using (static )?TorchSharp|\btorch\.")]
    private static partial Regex TorchSharp();

    [GeneratedRegex(@"^using Spn\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex Using();
}

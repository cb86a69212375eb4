using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Spn.Tools.Tests.Documentation;

/// <summary>The C# examples of the READMEs and of docs/. The HTML comment <c>compile only</c> in front of a block marks what cannot run here.</summary>
public sealed class DocumentationTests
{
    private const string CompileOnly = "compile only";

    [Fact]
    public void Every_example_compiles_and_runs()
    {
        var failures = new List<string>();
        using var inputs = new ExampleInputs();
        MarkdownBlock[] examples = [.. Pages().SelectMany(Examples)];
        Assert.Contains(examples, example => example.Page == "README.md");
        Assert.Contains(examples, example => example.Page == "docs/guide.md");
        foreach (MarkdownBlock example in examples)
        {
            CSharpCompilation program = Compile(example, inputs);
            string[] errors = [.. program.Errors()];
            failures.AddRange(errors.Select(error => $"{example}: {error}"));
            if (errors.Length > 0 || example.Comment == CompileOnly)
                continue;
            try
            {
                program.Run();
            }
            catch (Exception failure)
            {
                failures.Add($"{example}: {failure}");
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Fact]
    public void Comments_in_front_of_examples_are_known()
        => Assert.All(Pages().SelectMany(Examples), example => Assert.True(example.Comment is "" or CompileOnly, $"{example}: '{example.Comment}'."));

    private static IEnumerable<string> Pages()
        => Directory.GetFiles(Path.Combine(Repository.Root(), "docs"), "*.md").Select(path => $"docs/{Path.GetFileName(path)}").Order(StringComparer.Ordinal)
            .Concat([
                "README.md", "src/Spn/README.md", "src/Spn.Extensions.DependencyInjection/README.md", "src/Spn.Segmentation/README.md",
                "src/Spn.Server/README.md", "src/Spn.Training/README.md",
            ]);

    private static IEnumerable<MarkdownBlock> Examples(string page)
        => MarkdownBlock.Read(Repository.Root(), page).Where(block => block.Language == "csharp");

    private static CSharpCompilation Compile(MarkdownBlock example, ExampleInputs inputs)
    {
        SyntaxTree code = CompiledCode.Parse(example.Code, example.Page);
        code = code.WithRootAndOptions(new InFolder(inputs).Visit(code.GetRoot()), code.Options);
        return CompiledCode.Compile(OutputKind.ConsoleApplication, code, CompiledCode.Parse(ExampleInputs.Prelude(example.Page)));
    }

    /// <summary>Moves the files that an example names into the inputs' folder, so that examples need no working directory.</summary>
    private sealed class InFolder(ExampleInputs inputs) : CSharpSyntaxRewriter
    {
        private static readonly HashSet<string> s_written = [".png", ".jpg", ".webp", ".safetensors"];

        public override SyntaxNode? VisitLiteralExpression(LiteralExpressionSyntax node)
        {
            if (!node.IsKind(SyntaxKind.StringLiteralExpression) || node.Token.ValueText is not { Length: > 0 } name)
                return node;
            string path = inputs.PathOf(name);
            return s_written.Contains(Path.GetExtension(name)) || name == "run" || Path.Exists(path)
                ? node.WithToken(SyntaxFactory.Literal(path).WithTriviaFrom(node.Token))
                : node;
        }

        // $"refined-{number}.png"
        public override SyntaxNode? VisitInterpolatedStringExpression(InterpolatedStringExpressionSyntax node)
        {
            if (node.Contents is not [InterpolatedStringTextSyntax first, .., InterpolatedStringTextSyntax last] || !s_written.Contains(last.TextToken.ValueText))
                return node;
            string path = inputs.PathOf(first.TextToken.ValueText).Replace('\\', '/');
            SyntaxToken moved = SyntaxFactory.Token(default, SyntaxKind.InterpolatedStringTextToken, path, path, default);
            return node.WithContents(node.Contents.Replace(first, first.WithTextToken(moved)));
        }
    }
}

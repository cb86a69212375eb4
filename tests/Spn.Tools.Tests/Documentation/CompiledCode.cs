using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Spn.Tools.Tests.Documentation;

/// <summary>Source code that is compiled against this process's assemblies and ASP.NET.</summary>
internal static class CompiledCode
{
    private static readonly CSharpParseOptions s_options = new(LanguageVersion.Preview);
    private static readonly Lazy<MetadataReference[]> s_references = new(() => [.. Assemblies().Select(path => MetadataReference.CreateFromFile(path))]);

    /// <summary>Parses one file.</summary>
    public static SyntaxTree Parse(string source, string path = "") => CSharpSyntaxTree.ParseText(source, s_options, path);

    /// <summary>Compiles files to a program, or to a library if none of them has statements at the top level.</summary>
    public static CSharpCompilation Compile(OutputKind kind, params SyntaxTree[] files)
        => CSharpCompilation.Create("Example", files, s_references.Value, new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable));

    /// <summary>The compiler's errors, one per string.</summary>
    public static IEnumerable<string> Errors(this CSharpCompilation compilation)
        => compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString());

    /// <summary>Runs a program in this process, to its end.</summary>
    public static void Run(this CSharpCompilation program)
    {
        using var image = new MemoryStream();
        program.Emit(image);
        image.Position = 0;
        var context = new AssemblyLoadContext("Example", isCollectible: true);
        MethodInfo main = context.LoadFromStream(image).EntryPoint!;
        try
        {
            main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, main.GetParameters().Length == 0 ? null : [Array.Empty<string>()], null);
        }
        finally
        {
            context.Unload();
        }
    }

    private static IEnumerable<string> Assemblies()
    {
        string[] ours = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        HashSet<string> names = [.. ours.Select(path => Path.GetFileName(path))];
        // ASP.NET lies beside the runtime, in a folder of the same depth, and shares some assemblies with it.
        string runtime = Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory());
        string web = Path.Combine(runtime, "..", "..", "Microsoft.AspNetCore.App", Path.GetFileName(runtime));
        return Directory.Exists(web) ? ours.Concat(Directory.GetFiles(web, "Microsoft.*.dll").Where(path => names.Add(Path.GetFileName(path)))) : ours;
    }
}

using System.CommandLine;

namespace Spn.Cli.Commands;

/// <summary><c>--model</c>: a model by its name, or from a file.</summary>
internal sealed class ModelOption : Option<string>
{
    private static readonly SpnModel[] s_builtIn = [SpnModel.Fast, SpnModel.Quality];

    public ModelOption()
        : base("--model", "-m")
    {
        Description = "fast, quality (slightly better boundaries, about five times as slow), or the path of a model that you trained.";
        HelpName = "fast|quality|FILE";
        DefaultValueFactory = _ => "fast";
        CompletionSources.Add("fast", "quality");
    }

    /// <exception cref="UsageException">There is no such model, or its file is damaged.</exception>
    public SpnModel Read(ParseResult line) => Load(line.GetRequiredValue(this));

    /// <summary>A model by its name or path.</summary>
    /// <exception cref="UsageException">There is no such model, or its file is damaged.</exception>
    public static SpnModel Load(string name)
    {
        if (s_builtIn.FirstOrDefault(model => model.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } builtIn)
            return builtIn;
        if (!File.Exists(name))
            throw new UsageException($"There is no model '{name}'. Expected fast, quality, or the path of a .safetensors file.");
        try
        {
            return SpnModel.Load(name);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The model '{name}' cannot be loaded: {e.Message}", e);
        }
    }
}

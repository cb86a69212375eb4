namespace Spn.Evaluation.Methods;

/// <summary>Loads a model by name: a built-in model or a safetensors file.</summary>
internal static class Models
{
    public static bool Exists(string name) => BuiltIn(name) is not null || File.Exists(name);

    public static SpnModel Load(string name) => BuiltIn(name) ?? SpnModel.Load(name);

    private static SpnModel? BuiltIn(string name) => name switch
    {
        nameof(SpnModel.Fast) => SpnModel.Fast,
        nameof(SpnModel.Quality) => SpnModel.Quality,
        _ => null,
    };
}

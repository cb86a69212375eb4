namespace Spn.Orleans.Jobs;

/// <summary>The models inside Spn, by their names.</summary>
internal static class BuiltInModel
{
    /// <summary><see langword="null"/> if no built-in model has this name.</summary>
    public static SpnModel? Find(string name)
        => new[] { SpnModel.Fast, SpnModel.Quality }.FirstOrDefault(model => model.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}

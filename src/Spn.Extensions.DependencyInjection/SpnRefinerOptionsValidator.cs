using Microsoft.Extensions.Options;

namespace Spn.Extensions.DependencyInjection;

/// <summary>Finds settings that no refiner can have, all of them, with the name and the value of each.</summary>
internal sealed class SpnRefinerOptionsValidator : IValidateOptions<SpnRefinerOptions>
{
    public ValidateOptionsResult Validate(string? name, SpnRefinerOptions options)
    {
        List<string> failures = [];
        Require(!string.IsNullOrWhiteSpace(options.Model), nameof(options.Model), options.Model, "Fast, Quality or the path of a file");
        if (options.Model is not ("Fast" or "Quality") && !string.IsNullOrWhiteSpace(options.Model))
            Require(File.Exists(options.Model), nameof(options.Model), options.Model, "Fast, Quality or the path of an existing file");
        Require(options.Device is not { } device || Enum.IsDefined(device), nameof(options.Device), options.Device, "Cpu or Cuda");
        Require(options.MaxThreads is null or >= 1, nameof(options.MaxThreads), options.MaxThreads, "1 or more");
        Require(options.MaxConcurrentCalls is null or >= 1, nameof(options.MaxConcurrentCalls), options.MaxConcurrentCalls, "1 or more");
        Require(options.PixelLimit is >= 1 and <= 500_000_000, nameof(options.PixelLimit), options.PixelLimit, "1 to 500,000,000");
        Require(options.HardThreshold is null or (>= 0 and <= 1), nameof(options.HardThreshold), options.HardThreshold, "0 to 1");
        Require(
            options.ChangeLimit is null or (> 0 and <= 0.25), nameof(options.ChangeLimit), options.ChangeLimit,
            "more than 0, at most 0.25");
        Require(options.MinSpeckArea is null or >= 1, nameof(options.MinSpeckArea), options.MinSpeckArea, "1 or more");
        Require(options.TileSide is null or >= 256, nameof(options.TileSide), options.TileSide, "256 or more");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Require(bool fits, string setting, object? value, string expected)
        {
            if (!fits)
                failures.Add(FormattableString.Invariant($"{Title(name)}: {setting} is '{value}'; expected {expected}."));
        }
    }

    private static string Title(string? name) => string.IsNullOrEmpty(name) ? "Spn refiner" : $"Spn refiner '{name}'";
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Spn.Evaluation;

/// <summary>Reads command-line arguments one by one: <c>--option value</c>, or a value alone.</summary>
/// <param name="arguments">The arguments.</param>
internal sealed class OptionReader(string[] arguments)
{
    private int _next;

    /// <summary>The option, or <see langword="null"/> if the argument is a value without one.</summary>
    public string? Name { get; private set; }

    /// <summary>The value of the option, or the argument itself.</summary>
    public string Value { get; private set; } = "";

    /// <summary>Moves to the next argument; <see langword="false"/> after the last one.</summary>
    /// <exception cref="ArgumentException">An option has no value.</exception>
    public bool Next()
    {
        if (_next == arguments.Length)
            return false;
        Name = arguments[_next].StartsWith("--", StringComparison.Ordinal) ? arguments[_next++] : null;
        if (_next == arguments.Length)
            throw new ArgumentException($"{Name} needs a value.");
        Value = arguments[_next++];
        return true;
    }

    /// <summary>A whole number of 1 or more.</summary>
    public int Count(int max = int.MaxValue)
        => int.TryParse(Value, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0 && count <= max
            ? count
            : throw new ArgumentException($"{Name} is {Value}; expected a number of {(max == int.MaxValue ? "1 or more" : $"1..{max}")}.");

    public bool YesOrNo() => OneOf("yes", "no") == "yes";

    public string OneOf(params string[] values)
        => values.Contains(Value)
            ? Value
            : throw new ArgumentException($"{Name} is {Value}; expected {string.Join(", ", values[..^1])} or {values[^1]}.");

    /// <summary>The name of a model that exists.</summary>
    public string Model() => Methods.Models.Exists(Value) ? Value : throw new ArgumentException($"The model {Value} does not exist.");

    /// <summary>The folder, which may be given once.</summary>
    public static string Single(string? before, string folder)
        => before is null ? folder : throw new ArgumentException($"Expected one folder, got a second one: {folder}.");

    public static void RequireFolder([NotNull] string? folder)
    {
        if (!Directory.Exists(folder))
            throw new ArgumentException(folder is null ? "No folder was given." : $"The folder {folder} does not exist.");
    }

    public ArgumentException Unknown() => new($"Unknown option {Name}.");
}

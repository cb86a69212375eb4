using System.CommandLine.Parsing;
using System.Globalization;

namespace Spn.Cli.Commands;

/// <summary>Checks of arguments and options, whose messages say what to write.</summary>
internal static class Check
{
    /// <summary>Refuses everything but certain words.</summary>
    public static void OneOf(SymbolResult result, string name, IReadOnlyList<Token> tokens, string[] words)
    {
        if (tokens.FirstOrDefault(token => !words.Contains(token.Value)) is { } wrong)
            result.AddError($"{name}: expected {string.Join(", ", words[..^1])} or {words[^1]}, got '{wrong.Value}'");
    }

    /// <summary>Reads a whole number.</summary>
    public static Func<ArgumentResult, int> WholeNumber(string name) => result =>
    {
        string text = result.Tokens[0].Value;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
            result.AddError($"{name}: expected a whole number, got '{text}'");
        return number;
    };

    /// <summary>Reads a number.</summary>
    public static Func<ArgumentResult, double> Number(string name) => result =>
    {
        string text = result.Tokens[0].Value;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || !double.IsFinite(number))
            result.AddError($"{name}: expected a number, got '{text}'");
        return number;
    };
}

using Microsoft.Extensions.Options;

namespace Spn.Server;

/// <summary>Finds settings that no server can have, all of them, with the name and the value of each.</summary>
internal sealed class SpnServerOptionsValidator : IValidateOptions<SpnServerOptions>
{
    public ValidateOptionsResult Validate(string? name, SpnServerOptions options)
    {
        List<string> failures = [];
        Require(
            options.MaxRequestBytes is >= 1 and <= int.MaxValue, nameof(options.MaxRequestBytes), options.MaxRequestBytes,
            "1 to 2,147,483,647");
        Require(
            options.MaxBufferedBytes >= options.MaxRequestBytes, nameof(options.MaxBufferedBytes), options.MaxBufferedBytes,
            $"at least MaxRequestBytes, {options.MaxRequestBytes:N0}");
        string models = string.Join(", ", options.Models.Keys);
        Require(
            options.Models.Count > 0 && options.Models.All(model => model.Value is not null && IsName(model.Key)),
            nameof(options.Models), models, "at least one model, and names of letters, digits, dots, dashes and underscores");
        Require(options.MaxPixels is >= 1 and <= 500_000_000, nameof(options.MaxPixels), options.MaxPixels, "1 to 500,000,000");
        Require(options.MaxCalls >= 1, nameof(options.MaxCalls), options.MaxCalls, "1 or more");
        Require(options.MaxWaitingCalls >= 0, nameof(options.MaxWaitingCalls), options.MaxWaitingCalls, "0 or more");
        Require(
            options.Timeout > TimeSpan.Zero && options.Timeout <= TimeSpan.FromDays(1), nameof(options.Timeout), options.Timeout,
            "more than 0, at most a day");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        static bool IsName(string name)
            => name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');

        void Require(bool fits, string setting, object value, string expected)
        {
            if (!fits)
                failures.Add(FormattableString.Invariant($"Spn server: {setting} is '{value}'; expected {expected}."));
        }
    }
}

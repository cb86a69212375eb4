using Microsoft.Extensions.Options;

namespace Spn.Server;

/// <summary>Finds limits that no server can have, all of them, with the name and the value of each.</summary>
internal sealed class SpnServerOptionsValidator : IValidateOptions<SpnServerOptions>
{
    public ValidateOptionsResult Validate(string? name, SpnServerOptions options)
    {
        List<string> failures = [];
        Require(
            options.MaxRequestBytes is >= 1 and <= int.MaxValue, nameof(options.MaxRequestBytes), options.MaxRequestBytes,
            "1 to 2,147,483,647");
        Require(options.MaxPixels is >= 1 and <= 500_000_000, nameof(options.MaxPixels), options.MaxPixels, "1 to 500,000,000");
        Require(options.MaxCalls >= 1, nameof(options.MaxCalls), options.MaxCalls, "1 or more");
        Require(options.MaxWaitingCalls >= 0, nameof(options.MaxWaitingCalls), options.MaxWaitingCalls, "0 or more");
        Require(
            options.Timeout > TimeSpan.Zero && options.Timeout <= TimeSpan.FromDays(1), nameof(options.Timeout), options.Timeout,
            "more than 0, at most a day");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Require(bool fits, string setting, object value, string expected)
        {
            if (!fits)
                failures.Add(FormattableString.Invariant($"Spn server: {setting} is '{value}'; expected {expected}."));
        }
    }
}

using System.Globalization;

namespace Spn.Paper.Training;

/// <summary>How long one training lasts: a number of steps, which can be repeated exactly, or a time.</summary>
internal sealed record Budget(double Minutes, int? Steps = null)
{
    /// <summary>The completed share, 1 at the end.</summary>
    public double Share(int step, double seconds) => Math.Min(1, Steps is int steps ? (double)step / steps : seconds / (60 * Minutes));

    public override string ToString()
        => Steps is int steps ? $"{steps} steps" : string.Create(CultureInfo.InvariantCulture, $"{Minutes} minutes");
}

using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Spn.Cli.Batch;

/// <summary>
/// One of several parts of a batch, which may run on several machines. A photo's name alone decides to which part it belongs, so no machine
/// needs to know which files the others see.
/// </summary>
/// <param name="Number">1 to <paramref name="Count"/>.</param>
/// <param name="Count">The number of parts.</param>
internal sealed record Shard(int Number, int Count)
{
    public static Shard Whole { get; } = new(1, 1);

    /// <summary>Whether a photo belongs to this part.</summary>
    public bool Contains(string name)
        => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(name)) % (ulong)Count == (ulong)(Number - 1);

    /// <summary>Reads <c>i/n</c>.</summary>
    /// <exception cref="UsageException">The text is something else.</exception>
    public static Shard Parse(string text)
    {
        string[] parts = text.Split('/');
        if (parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && number >= 1 && number <= count)
        {
            return new Shard(number, count);
        }
        throw new UsageException($"--shard: expected i/n with i from 1 to n, for example 2/8; got '{text}'.");
    }
}

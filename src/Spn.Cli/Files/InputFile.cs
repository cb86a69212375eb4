namespace Spn.Cli.Files;

/// <summary>An input that was read completely: a file, or standard input.</summary>
/// <param name="Name">Its path, or <c>-</c>.</param>
/// <param name="IsMask">Whether it is a mask or label map. Otherwise it is a photo.</param>
/// <param name="Bytes">Its content.</param>
internal sealed record InputFile(string Name, bool IsMask, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The name that stands for standard input and output.</summary>
    public const string Standard = "-";

    /// <exception cref="IOException">There is no such file, or it cannot be read.</exception>
    public static async Task<InputFile> ReadAsync(string name, bool isMask, CancellationToken cancellation)
    {
        if (name == Standard)
        {
            // A read from a terminal cannot be cancelled, so it is left behind.
            byte[] content = await Task.Run(ReadStandardInput, cancellation).WaitAsync(cancellation).ConfigureAwait(false);
            return new InputFile(name, isMask, content);
        }
        if (Directory.Exists(name))
            throw new IOException($"'{name}' is a folder; expected an image file. To refine folders use 'spn batch'.");
        if (!File.Exists(name))
            throw new FileNotFoundException($"There is no file '{name}'.");
        return new InputFile(name, isMask, await File.ReadAllBytesAsync(name, cancellation).ConfigureAwait(false));
    }

    private static byte[] ReadStandardInput()
    {
        using MemoryStream content = new();
        using Stream input = Console.OpenStandardInput();
        input.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>The input in a sentence.</summary>
    public override string ToString() => Name == Standard ? "standard input" : $"'{Name}'";
}

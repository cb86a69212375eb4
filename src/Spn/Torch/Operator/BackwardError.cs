namespace Spn.Torch;

/// <summary>The last error inside a backward pass, which could not be thrown. Thread-safe.</summary>
internal static class BackwardError
{
    private static volatile Exception? s_last;

    public static Exception? Last
    {
        get => s_last;
        set => s_last = value;
    }
}

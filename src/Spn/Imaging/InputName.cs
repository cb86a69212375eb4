namespace Spn.Imaging;

/// <summary>What an exception calls an input.</summary>
/// <param name="Argument">The caller's argument.</param>
/// <param name="Source">Where the pixels come from, for example "the stream"; <see langword="null"/> for the argument itself.</param>
internal readonly record struct InputName(string Argument, string? Source = null)
{
    public override string ToString() => Source is null ? Argument : $"{Argument}: {Source}";
}

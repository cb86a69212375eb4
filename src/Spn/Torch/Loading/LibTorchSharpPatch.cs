namespace Spn.Torch;

/// <summary>
/// TorchSharp 0.107.0's native library requires <c>GLIBCXX_3.4.32</c> (GCC 13), but uses a single symbol of it: a marker that
/// <c>&lt;iostream&gt;</c> emits and that nothing refers to. If this version is marked weak, an older libstdc++ is sufficient.
/// </summary>
internal static class LibTorchSharpPatch
{
    /// <summary>The symbol version that older systems lack.</summary>
    public const string Version = "GLIBCXX_3.4.32";

    private const string Marker = "_ZSt21ios_base_library_initv";
    private const byte Weak = 2;

    /// <summary>Marks the version as weak in a copy of the library, unless that would be unsafe.</summary>
    /// <param name="library">The library's bytes, which are changed in place on success only.</param>
    /// <returns><see langword="null"/> on success; otherwise the reason why it would be unsafe.</returns>
    public static string? Apply(Span<byte> library)
    {
        try
        {
            var elf = new ElfFile(library);
            List<ElfNeededVersion> needed = elf.NeededVersions().FindAll(v => v.Name == Version);
            if (needed.Count != 1)
                return $"it needs {Version} {needed.Count} times, expected once";
            List<(uint Index, string Name)> symbols = elf.SymbolsOf(needed[0].Index);
            if (symbols.Count != 1 || symbols[0].Name != Marker)
                return $"it uses {string.Join(", ", symbols.Select(s => s.Name))} of {Version}, expected {Marker} alone";
            if (elf.IsRelocated(symbols[0].Index))
                return $"it uses {Marker}";
            library[checked((int)needed[0].FlagsOffset)] |= Weak;
            return null;
        }
        catch (Exception malformed) when (malformed is InvalidDataException or OverflowException)
        {
            return malformed.Message;
        }
    }
}

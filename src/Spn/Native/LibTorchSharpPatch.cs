namespace Spn.Native;

/// <summary>
/// TorchSharp 0.107.0's native library asks for <c>GLIBCXX_3.4.32</c> (GCC 13) but takes a single symbol from it: a marker that
/// <c>&lt;iostream&gt;</c> leaves behind and that nothing refers to. With that one version marked weak, an older libstdc++ serves.
/// </summary>
internal static class LibTorchSharpPatch
{
    /// <summary>The version that older systems lack.</summary>
    public const string Version = "GLIBCXX_3.4.32";

    private const string Marker = "_ZSt21ios_base_library_initv";
    private const byte Weak = 2;

    /// <summary>Marks the version weak in a copy of the library, or says why that would not be safe.</summary>
    /// <param name="library">The library's bytes; changed in place on success only.</param>
    /// <returns><see langword="null"/> on success, else the reason.</returns>
    public static string? Apply(Span<byte> library)
    {
        try
        {
            var elf = new ElfFile(library);
            List<ElfNeededVersion> needed = elf.NeededVersions().FindAll(v => v.Name == Version);
            if (needed.Count != 1)
                return $"it asks for {Version} {needed.Count} times, expected once";
            List<(uint Index, string Name)> symbols = elf.SymbolsOf(needed[0].Index);
            if (symbols.Count != 1 || symbols[0].Name != Marker)
                return $"it takes {string.Join(", ", symbols.Select(s => s.Name))} from {Version}, expected {Marker} alone";
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

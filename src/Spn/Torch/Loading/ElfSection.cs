namespace Spn.Torch;

/// <summary>The section types that are relevant to symbol versions (<c>sh_type</c>).</summary>
internal enum ElfSectionType : uint
{
    Relocations = 4,
    VersionDefinitions = 0x6ffffffd,
    VersionNeeds = 0x6ffffffe,
    SymbolVersions = 0x6fffffff,
}

/// <summary>The position of a section in its file, and the index of the section to which it links.</summary>
internal readonly record struct ElfSection(ElfSectionType Type, ulong Offset, ulong Size, uint Link);

/// <summary>
/// A symbol version needed from a library. Symbols refer to it by its index; its flags are at <paramref name="FlagsOffset"/> in the file.
/// </summary>
internal readonly record struct ElfNeededVersion(string Library, string Name, ushort Index, ulong FlagsOffset);

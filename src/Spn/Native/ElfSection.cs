namespace Spn.Native;

/// <summary>The section types that matter for symbol versions (<c>sh_type</c>).</summary>
internal enum ElfSectionType : uint
{
    Relocations = 4,
    VersionDefinitions = 0x6ffffffd,
    VersionNeeds = 0x6ffffffe,
    SymbolVersions = 0x6fffffff,
}

/// <summary>Where a section lies in its file, and the section it refers to.</summary>
internal readonly record struct ElfSection(ElfSectionType Type, ulong Offset, ulong Size, uint Link);

/// <summary>A symbol version needed from a library; symbols refer to it by its index, the loader reads its flags at an offset in the file.</summary>
internal readonly record struct ElfNeededVersion(string Library, string Name, ushort Index, ulong FlagsOffset);

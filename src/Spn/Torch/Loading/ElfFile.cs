using System.Buffers.Binary;
using System.Text;

namespace Spn.Torch;

/// <summary>
/// A 64-bit little-endian ELF file in memory: its sections and the symbol versions that it needs and defines. Every offset is checked
/// against the file, so a truncated or forged file causes an <see cref="InvalidDataException"/> and never an out-of-bounds read.
/// </summary>
internal readonly ref struct ElfFile
{
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;

    private readonly ReadOnlySpan<byte> _file;
    private readonly ulong _sectionTable;
    private readonly int _sectionCount;

    /// <exception cref="InvalidDataException">The bytes are not a 64-bit little-endian ELF file with section headers.</exception>
    public ElfFile(ReadOnlySpan<byte> file)
    {
        _file = file;
        if (file.Length < HeaderSize || !file.StartsWith("\u007fELF"u8) || file[4] != 2 || file[5] != 1)
            throw new InvalidDataException("Not a 64-bit little-endian ELF file.");
        _sectionTable = U64(file, 40);
        _sectionCount = U16(file, 60);
        if (U16(file, 58) != SectionHeaderSize || _sectionCount == 0)
            throw new InvalidDataException("The ELF file has no section headers.");
        Slice(_sectionTable, (ulong)_sectionCount * SectionHeaderSize);
    }

    /// <summary>The sections of one type, in file order.</summary>
    public List<ElfSection> Sections(ElfSectionType type)
    {
        var found = new List<ElfSection>();
        for (int i = 0; i < _sectionCount; i++)
            if (Section(i) is var section && section.Type == type)
                found.Add(section);
        return found;
    }

    /// <summary>The bytes of a section.</summary>
    public ReadOnlySpan<byte> Bytes(ElfSection section) => Slice(section.Offset, section.Size);

    /// <summary>
    /// The section to which the link field of <paramref name="section"/> refers, for example the string table of a symbol table.
    /// </summary>
    public ElfSection Linked(ElfSection section)
        => section.Link < (uint)_sectionCount
            ? Section((int)section.Link)
            : throw new InvalidDataException("An ELF section links to a section that does not exist.");

    /// <summary>The symbol versions that the file needs from its libraries (<c>.gnu.version_r</c>).</summary>
    public List<ElfNeededVersion> NeededVersions()
    {
        var needed = new List<ElfNeededVersion>();
        foreach (ElfSection section in Sections(ElfSectionType.VersionNeeds))
        {
            ReadOnlySpan<byte> table = Bytes(section), names = Bytes(Linked(section));
            for (int library = 0, next = 1; next != 0; library += next)
            {
                next = Step(table, library, 12);
                string from = Text(names, U32(table, library + 4));
                int version = library;
                for (int step = Step(table, library, 8); step != 0; step = Step(table, version, 12))
                {
                    version = checked(version + step);
                    needed.Add(new ElfNeededVersion(
                        from, Text(names, U32(table, version + 8)), U16(table, version + 6), section.Offset + (ulong)version + 4));
                }
            }
        }
        return needed;
    }

    /// <summary>The names of the symbol versions that the file defines (<c>.gnu.version_d</c>).</summary>
    public List<string> DefinedVersions()
    {
        var defined = new List<string>();
        foreach (ElfSection section in Sections(ElfSectionType.VersionDefinitions))
        {
            ReadOnlySpan<byte> table = Bytes(section), names = Bytes(Linked(section));
            for (int version = 0, next = 1; next != 0; version += next)
            {
                next = Step(table, version, 16);
                defined.Add(Text(names, U32(table, checked(version + Step(table, version, 12)))));
            }
        }
        return defined;
    }

    /// <summary>The dynamic symbols that are bound to a version, with index and name.</summary>
    public List<(uint Index, string Name)> SymbolsOf(ushort version)
    {
        var symbols = new List<(uint, string)>();
        foreach (ElfSection section in Sections(ElfSectionType.SymbolVersions))
        {
            ElfSection symbolTable = Linked(section);
            ReadOnlySpan<byte> versions = Bytes(section), table = Bytes(symbolTable), names = Bytes(Linked(symbolTable));
            for (int i = 0; i < versions.Length / 2; i++)
                if ((U16(versions, 2 * i) & 0x7fff) == version)
                    symbols.Add(((uint)i, Text(names, U32(table, checked(24 * i)))));
        }
        return symbols;
    }

    /// <summary>Whether a relocation refers to the dynamic symbol with this index, so that loading the file would resolve it.</summary>
    public bool IsRelocated(uint symbol)
    {
        foreach (ElfSection section in Sections(ElfSectionType.Relocations))
        {
            ReadOnlySpan<byte> table = Bytes(section);
            for (int entry = 0; entry < table.Length; entry += 24)
                if (U32(table, entry + 12) == symbol)
                    return true;
        }
        return false;
    }

    private ElfSection Section(int index)
    {
        ReadOnlySpan<byte> header = Slice(_sectionTable + ((ulong)index * SectionHeaderSize), SectionHeaderSize);
        return new ElfSection((ElfSectionType)U32(header, 4), U64(header, 24), U64(header, 32), U32(header, 40));
    }

    private ReadOnlySpan<byte> Slice(ulong offset, ulong size)
        => offset <= (ulong)_file.Length && size <= (ulong)_file.Length - offset
            ? _file.Slice((int)offset, (int)size)
            : throw new InvalidDataException("An ELF section extends beyond the end of the file.");

    // Steps are unsigned and lead only forward, so every chain of entries ends.
    private static int Step(ReadOnlySpan<byte> table, int entry, int field)
        => U32(table, checked(entry + field)) is var step && step <= (uint)table.Length
            ? (int)step
            : throw new InvalidDataException("An ELF version entry extends beyond its table.");

    private static string Text(ReadOnlySpan<byte> names, uint offset)
    {
        if (offset >= (uint)names.Length)
            throw new InvalidDataException("An ELF name is outside its table.");
        ReadOnlySpan<byte> text = names[(int)offset..];
        int end = text.IndexOf((byte)0);
        return end >= 0
            ? Encoding.UTF8.GetString(text[..end])
            : throw new InvalidDataException("An ELF name is not null-terminated.");
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Part(bytes, offset, 2));

    private static uint U32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Part(bytes, offset, 4));

    private static ulong U64(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Part(bytes, offset, 8));

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> bytes, int offset, int size)
        => offset >= 0 && offset <= bytes.Length - size
            ? bytes.Slice(offset, size)
            : throw new InvalidDataException("An ELF entry extends beyond its table.");
}

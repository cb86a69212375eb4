using System.Buffers.Binary;
using System.Text;

namespace Spn.Tests.Torch;

/// <summary>
/// Writes the smallest ELF file that asks for symbol versions: a header, six sections and nothing to run. Symbols are bound to version 2, the marker's,
/// unless they say otherwise.
/// </summary>
internal static class TinyElf
{
    public static byte[] Write(IReadOnlyList<(string Name, ushort Version)> symbols, string version = "GLIBCXX_3.4.32", uint? relocated = null)
    {
        using var names = new MemoryStream();
        names.WriteByte(0);
        uint Name(string text)
        {
            uint offset = (uint)names.Position;
            names.Write(Encoding.UTF8.GetBytes(text + '\0'));
            return offset;
        }

        byte[] symbolTable = new byte[24 * (symbols.Count + 1)], versions = new byte[2 * (symbols.Count + 1)];
        for (int i = 0; i < symbols.Count; i++)
        {
            Put(symbolTable, 24 * (i + 1), 4, Name(symbols[i].Name));
            Put(versions, 2 * (i + 1), 2, symbols[i].Version);
        }

        // One library with one version: vn_version, vn_cnt, vn_file, vn_aux, vn_next; vna_hash, vna_flags, vna_other, vna_name, vna_next.
        byte[] needs = new byte[32];
        Put(needs, 0, 2, 1);
        Put(needs, 2, 2, 1);
        Put(needs, 4, 4, Name("libstdc++.so.6"));
        Put(needs, 8, 4, 16);
        Put(needs, 22, 2, 2);
        Put(needs, 24, 4, Name(version));
        byte[] relocations = relocated is { } symbol ? new byte[24] : [];
        if (relocated is not null)
            Put(relocations, 12, 4, relocated.Value);

        (uint Type, byte[] Bytes, uint Link)[] sections =
        [
            (0, [], 0),
            (3, names.ToArray(), 0),
            (11, symbolTable, 1),
            (0x6fffffff, versions, 2),
            (0x6ffffffe, needs, 1),
            (4, relocations, 2),
        ];
        byte[] file = new byte[64 + (64 * sections.Length) + sections.Sum(s => s.Bytes.Length)];
        "\u007fELF"u8.CopyTo(file);
        file[4] = 2;
        file[5] = 1;
        Put(file, 40, 8, 64);
        Put(file, 58, 2, 64);
        Put(file, 60, 2, (ulong)sections.Length);
        int end = 64 + (64 * sections.Length);
        for (int i = 0; i < sections.Length; i++)
        {
            (uint type, byte[] bytes, uint link) = sections[i];
            int header = 64 + (64 * i);
            Put(file, header + 4, 4, type);
            Put(file, header + 24, 8, (ulong)end);
            Put(file, header + 32, 8, (ulong)bytes.Length);
            Put(file, header + 40, 4, link);
            bytes.CopyTo(file, end);
            end += bytes.Length;
        }

        return file;
    }

    private static void Put(byte[] bytes, int offset, int size, ulong value)
    {
        Span<byte> whole = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(whole, value);
        whole[..size].CopyTo(bytes.AsSpan(offset));
    }
}

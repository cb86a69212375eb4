using Spn.Torch;
using Xunit;

namespace Spn.Tests.Torch;

public sealed class LibTorchSharpPatchTests
{
    private const string Marker = "_ZSt21ios_base_library_initv";

    private static readonly byte[] s_good = TinyElf.Write([("malloc", 1), (Marker, 2)]);

    [Fact]
    public void Marks_the_version_weak_and_changes_nothing_else()
    {
        byte[] library = [.. s_good];
        Assert.Null(LibTorchSharpPatch.Apply(library));
        int changed = Assert.Single(Enumerable.Range(0, library.Length), i => library[i] != s_good[i]);
        Assert.Equal(s_good[changed] | 2, library[changed]);
        Assert.Equal((ulong)changed, new ElfFile(library).NeededVersions().Single().FlagsOffset);
    }

    [Fact]
    public void Refuses_a_version_that_is_used()
    {
        Refuses(TinyElf.Write([("malloc", 1)]), "expected _ZSt21ios_base_library_initv alone");
        Refuses(TinyElf.Write([(Marker, 2), ("_ZSt4cout", 2)]), "_ZSt4cout");
        Refuses(TinyElf.Write([("_ZSt4cout", 2)]), "_ZSt4cout");
        Refuses(TinyElf.Write([(Marker, 2)], relocated: 1), "uses");
        Refuses(TinyElf.Write([(Marker, 2)], version: "GLIBCXX_3.4.33"), "0 times");
        Assert.Null(LibTorchSharpPatch.Apply(TinyElf.Write([(Marker, 2)], relocated: 2)));
    }

    [Fact]
    public void Refuses_every_truncation()
    {
        for (int length = 0; length < s_good.Length; length++)
        {
            byte[] cut = s_good[..length];
            LibTorchSharpPatch.Apply(cut);
            Assert.Equal(s_good[..length], cut);
        }

        Refuses([], "Not a 64-bit");
        Refuses(s_good[..63], "Not a 64-bit");
        Refuses(s_good[..100], "beyond the end of the file");
    }

    [Fact]
    public void Survives_every_damaged_byte()
    {
        for (int i = 0; i < s_good.Length; i++)
            foreach (byte damage in (byte[])[0, 1, 0x7f, 0x80, 0xff])
            {
                byte[] damaged = [.. s_good];
                damaged[i] = damage;
                byte[] before = [.. damaged];
                if (LibTorchSharpPatch.Apply(damaged) is not null)
                    Assert.Equal(before, damaged);
            }
    }

    [Fact]
    public void Survives_random_damage_to_the_real_library()
    {
        byte[] real = File.ReadAllBytes(RealLibrary());
        var random = new Random(1);
        for (int round = 0; round < 40; round++)
        {
            // The headers of the sections are the file's last kilobytes, the tables they describe its first.
            byte[] damaged = [.. real];
            for (int i = 0; i < 8; i++)
                damaged[round % 2 == 0 ? random.Next(0x40000) : damaged.Length - 1 - random.Next(0x800)] = (byte)random.Next(256);
            LibTorchSharpPatch.Apply(damaged);
            LibTorchSharpPatch.Apply(real.AsSpan(0, random.Next(real.Length)).ToArray());
        }
    }

    [Fact]
    public void Reads_the_real_library()
    {
        byte[] real = File.ReadAllBytes(RealLibrary()), patched = [.. real];
        Assert.Null(LibTorchSharpPatch.Apply(patched));
        Assert.Single(Enumerable.Range(0, real.Length), i => real[i] != patched[i]);
    }

    private static void Refuses(byte[] library, string reason)
    {
        byte[] before = [.. library];
        Assert.Contains(reason, LibTorchSharpPatch.Apply(library), StringComparison.Ordinal);
        Assert.Equal(before, library);
    }

    private static string RealLibrary()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "TorchSharp's library is an ELF file on Linux only.");
        return NativeFolders.Find("LibTorchSharp", typeof(TorchSharp.torch).Assembly)!;
    }
}

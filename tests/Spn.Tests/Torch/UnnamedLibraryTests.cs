using System.Runtime.InteropServices;
using Spn.Torch;
using Xunit;

namespace Spn.Tests.Torch;

public sealed class UnnamedLibraryTests
{
    [Fact]
    public void Loads_from_memory() => Loads(bytes => UnnamedLibrary.LoadFromMemory(bytes));

    [Fact]
    public void Loads_from_a_temporary_file_and_leaves_none()
    {
        HashSet<string> before = Folders();
        Loads(bytes => UnnamedLibrary.LoadFromTemporaryFile(bytes));
        Assert.Subset(before, Folders());
    }

    [Fact]
    public void Rejects_files_that_are_not_libraries_and_leaves_no_files()
    {
        LinuxOnly();
        HashSet<string> before = Folders();
        Assert.ThrowsAny<Exception>(() => UnnamedLibrary.Load("no library"u8));
        Assert.ThrowsAny<Exception>(() => UnnamedLibrary.Load([]));
        Assert.Subset(before, Folders());
    }

    private static void Loads(Func<byte[], nint> load)
    {
        LinuxOnly();
        byte[] library = File.ReadAllBytes(NativeFolders.Find("SkiaSharp", typeof(SkiaSharp.SKBitmap).Assembly)!);
        nint handle = load(library);
        Assert.True(NativeLibrary.TryGetExport(handle, "sk_version_get_milestone", out _));
    }

    private static HashSet<string> Folders() => [.. Directory.GetDirectories(Path.GetTempPath(), "spn-library-*")];

    private static void LinuxOnly() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Loading from memory is for Linux.");
}

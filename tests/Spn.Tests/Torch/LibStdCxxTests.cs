using Spn.Torch;
using Xunit;

namespace Spn.Tests.Torch;

public sealed class LibStdCxxTests
{
    [Fact]
    public void Newest_is_by_number()
    {
        Assert.Equal("GLIBCXX_3.4.30", new LibStdCxx("", ["GLIBCXX_3.4", "GLIBCXX_3.4.9", "GLIBCXX_3.4.30", "GLIBCXX_DEBUG_MESSAGE_LENGTH", "CXXABI_9.9.99"]).Newest);
        Assert.Null(new LibStdCxx("", ["CXXABI_1.3"]).Newest);
    }

    [Fact]
    public void Finds_the_system_s()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only.");
        LibStdCxx system = LibStdCxx.Find()!;
        // The release of the file and that of its newest version go together: libstdc++.so.6.0.30 defines GLIBCXX_3.4.30.
        string file = Path.GetFileName(new FileInfo(system.Path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? system.Path);
        Assert.Equal(file.Split('.')[^1], system.Newest!.Split('.')[^1]);
    }
}

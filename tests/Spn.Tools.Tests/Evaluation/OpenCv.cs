using System.Runtime.InteropServices;
using Xunit;

namespace Spn.Tools.Tests.Evaluation;

/// <summary>OpenCV, which the evaluation compares with and makes coarse masks by.</summary>
internal static class OpenCv
{
    private const string Toolkit = "libgtk-3.so.0";

    /// <summary>Skips the test, with CI=true fails it, where OpenCV cannot be loaded.</summary>
    public static void Require()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            Assert.Skip("The evaluation has OpenCV's native library for Linux on x64 only.");
        }
        if (NativeLibrary.TryLoad(Toolkit, out nint library))
        {
            NativeLibrary.Free(library);
            return;
        }
        string reason = $"OpenCV needs {Toolkit} (Debian and Ubuntu: libgtk-3-0), which this system lacks.";
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", reason);
        Assert.Skip(reason);
    }
}

using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace Spn.Cuda.Tests.Driver;

/// <summary>A library in place of NVIDIA's, compiled by gcc from Fakes. A copy a test, so that each has settings and a log of its own.</summary>
internal sealed unsafe class FakeLibrary
{
    private static readonly ConcurrentDictionary<string, Lazy<byte[]>> s_compiled = new();

    private readonly delegate* unmanaged<byte*> _log;
    private readonly delegate* unmanaged<byte*, long, void> _set;

    private FakeLibrary(string path)
    {
        Path = path;
        Handle = NativeLibrary.Load(path);
        _log = (delegate* unmanaged<byte*>)NativeLibrary.GetExport(Handle, "fake_log");
        _set = (delegate* unmanaged<byte*, long, void>)NativeLibrary.GetExport(Handle, "fake_set");
    }

    public string Path { get; }

    public nint Handle { get; }

    /// <summary>The calls so far, each with its arguments.</summary>
    public string[] Calls => Marshal.PtrToStringUTF8((nint)_log())!.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The calls of one function.</summary>
    public string[] CallsOf(string function) => [.. Calls.Where(call => call.Split(' ')[0] == function)];

    /// <summary>Sets a value that the library reports or, for the name of a function, the error that it returns from now on.</summary>
    public void Set(string name, long value)
    {
        nint text = Marshal.StringToCoTaskMemUTF8(name);
        _set((byte*)text, value);
        Marshal.FreeCoTaskMem(text);
    }

    /// <summary>Builds a fake; the test is skipped where that cannot be.</summary>
    /// <param name="source">Its source in Fakes, such as <c>fake_cuda.c</c>.</param>
    /// <param name="library">Where to put the library.</param>
    /// <param name="define">A macro to compile it with, or none.</param>
    public static FakeLibrary Build(string source, string library, string define = "FAKE")
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The fake driver is built for Linux.");
        byte[] compiled = s_compiled.GetOrAdd($"{source} {define}", _ => new Lazy<byte[]>(() => Compile(source, define))).Value;
        File.WriteAllBytes(library, compiled);
        return new FakeLibrary(library);
    }

    private static byte[] Compile(string source, string define)
    {
        string folder = System.IO.Path.Combine(AppContext.BaseDirectory, "Driver", "Fakes");
        using var temporary = new TemporaryFolder();
        string library = temporary.File("fake.so");
        string[] arguments = ["-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", $"-D{define}", System.IO.Path.Combine(folder, source), "-o", library];
        Process gcc;
        try
        {
            gcc = Process.Start(new ProcessStartInfo("gcc", arguments) { RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("There is no gcc to compile the fake driver with.");
            throw;
        }

        using (gcc)
        {
            string errors = gcc.StandardError.ReadToEnd();
            gcc.WaitForExit();
            Assert.True(gcc.ExitCode == 0, errors);
        }

        return File.ReadAllBytes(library);
    }
}

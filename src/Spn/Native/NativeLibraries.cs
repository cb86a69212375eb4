using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace Spn.Native;

/// <summary>
/// Makes TorchSharp's native library load on Linux systems whose libstdc++ is older than the one it was built with (Debian 12, Ubuntu 22.04),
/// and says what is missing where it cannot. The runtime asks here only after its own attempts have failed, so that elsewhere nothing happens.
/// </summary>
internal static class NativeLibraries
{
    private static readonly Lock s_loading = new();
    private static nint s_patched;

    /// <summary>What was done to load the library, or why it could not be; <see langword="null"/> where the system needed no help.</summary>
    public static string? Report { get; private set; }

    /// <summary>Loads TorchSharp's native libraries, if no earlier call has.</summary>
    /// <exception cref="DllNotFoundException">They are missing, and the message names the packages to add, or this system cannot load them, and it says why.</exception>
    public static void EnsureLoaded()
    {
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception failure) when (failure is NotSupportedException or TypeInitializationException or DllNotFoundException)
        {
            throw new DllNotFoundException(Explanation(), failure);
        }
    }

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A first use of Spn must be enough for TorchSharp to load.")]
    internal static void Initialize()
    {
        AssemblyLoadContext context = AssemblyLoadContext.GetLoadContext(typeof(NativeLibraries).Assembly) ?? AssemblyLoadContext.Default;
        context.ResolvingUnmanagedDll += Resolve;
    }

    private static nint Resolve(Assembly user, string name)
    {
        if (name != "LibTorchSharp")
            return 0;
        lock (s_loading)
        {
            if (s_patched == 0 && OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64)
                s_patched = LoadPatched(user);
            // What the runtime would throw in its place does not name the package. TorchSharp's own attempts to load catch it.
            return s_patched != 0 ? s_patched : throw new DllNotFoundException(Explanation());
        }
    }

    private static string Explanation()
    {
        Assembly torchSharp = typeof(torch).Assembly;
        return NativeFolders.Find("torch_cpu", torchSharp) is null && NativeFolders.Loaded("torch_cpu") is null
            ? "TorchSharp's native libraries are missing. Add a reference to TorchSharp-cpu, TorchSharp-cuda-linux or TorchSharp-cuda-windows, " +
              $"version {torchSharp.GetName().Version!.ToString(3)}, to the app."
            : $"TorchSharp's native libraries do not load on this system. {Report ?? "A library that they need may be missing."}";
    }

    private static nint LoadPatched(Assembly user)
    {
        if (NativeFolders.Find("LibTorchSharp", user) is not { } original)
            return Refuse("libLibTorchSharp.so is not in the app's folders.");

        LibStdCxx? system = LibStdCxx.Find();
        if (system is null || system.Versions.Contains(LibTorchSharpPatch.Version))
            return Refuse($"{original} does not load, and not for want of {LibTorchSharpPatch.Version}.");

        try
        {
            byte[] copy = File.ReadAllBytes(original);
            if (LibTorchSharpPatch.Apply(copy) is { } reason)
                return Refuse($"{system.Path} has no {LibTorchSharpPatch.Version}, and {original} cannot do without: {reason}.");
            // The copy finds libtorch by name once it is loaded, and that must be the app's own: a second libtorch in a process ends it.
            // An app without one may still have the system search for it (LD_LIBRARY_PATH).
            if (NativeFolders.Find("torch", user) is { } libtorch)
                NativeLibrary.Load(libtorch);
            nint library = UnnamedLibrary.Load(copy);
            Report = $"{original} loaded as a copy in memory that does without {LibTorchSharpPatch.Version}, which {system.Path} lacks";
            return library;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or DllNotFoundException or BadImageFormatException)
        {
            return Refuse($"A copy of {original} without {LibTorchSharpPatch.Version} does not load either: {failure.Message}");
        }
    }

    private static nint Refuse(string reason)
    {
        Report = reason;
        return 0;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace Spn.Torch;

/// <summary>
/// Loads TorchSharp's native library on Linux systems whose libstdc++ is older than the one for which it was built (Debian 12, Ubuntu
/// 22.04), and explains failures. The runtime calls it only after its own attempts have failed, so nothing changes on other systems.
/// </summary>
internal static class NativeLibraries
{
    private static readonly Lock s_loading = new();
    private static nint s_patched;

    /// <summary>
    /// How the library was loaded, or why it could not be loaded; <see langword="null"/> if the runtime loaded it without help.
    /// </summary>
    public static string? Report { get; private set; }

    /// <summary>Whether the app has libtorch, or the process has loaded it.</summary>
    public static bool ArePresent()
        => NativeFolders.Find("torch_cpu", typeof(NativeLibraries).Assembly) is not null || NativeFolders.Loaded("torch_cpu") is not null;

    /// <summary>Loads TorchSharp's native libraries if they are not loaded yet.</summary>
    /// <exception cref="DllNotFoundException">
    /// The libraries are missing, and the message names the packages to add; or this system cannot load them, and the message says why.
    /// </exception>
    public static void EnsureLoaded()
    {
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception failure) when (failure is NotSupportedException or TypeInitializationException or DllNotFoundException)
        {
            throw new DllNotFoundException(Explanation(typeof(torch).Assembly), failure);
        }
    }

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The first use of Spn must be sufficient to load TorchSharp.")]
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
            // The runtime's own exception would not name the package. TorchSharp catches this one during its attempts to load the library.
            return s_patched != 0 ? s_patched : throw new DllNotFoundException(Explanation(user));
        }
    }

    /// <summary>Which package the app lacks.</summary>
    public static string MissingPackage(Assembly torchSharp)
        => "TorchSharp's native libraries are missing. " +
           "Add a reference to TorchSharp-cpu, TorchSharp-cuda-linux or TorchSharp-cuda-windows, version " +
           $"{torchSharp.GetName().Version!.ToString(3)}, to the app.";

    private static string Explanation(Assembly torchSharp) => ArePresent()
        ? $"TorchSharp's native libraries cannot be loaded on this system. {Report ?? "One of their dependencies may be missing."}"
        : MissingPackage(torchSharp);

    private static nint LoadPatched(Assembly user)
    {
        if (NativeFolders.Find("LibTorchSharp", user) is not { } original)
            return Refuse("libLibTorchSharp.so is not in the app's folders.");

        LibStdCxx? system = LibStdCxx.Find();
        if (system is null || system.Versions.Contains(LibTorchSharpPatch.Version))
            return Refuse($"{original} cannot be loaded, and {LibTorchSharpPatch.Version} is not the cause.");

        try
        {
            byte[] copy = File.ReadAllBytes(original);
            if (LibTorchSharpPatch.Apply(copy) is { } reason)
                return Refuse($"{system.Path} lacks {LibTorchSharpPatch.Version}, and {original} cannot be loaded without it: {reason}.");
            // The copy finds a loaded libtorch by name. It must be the app's own, because a second libtorch would end the process. An app
            // without its own may rely on the system's search path (LD_LIBRARY_PATH).
            if (NativeFolders.Find("torch", user) is { } libtorch)
                NativeLibrary.Load(libtorch);
            nint library = UnnamedLibrary.Load(copy);
            Report =
                $"{original} was loaded as an in-memory copy that does not need {LibTorchSharpPatch.Version}, which {system.Path} lacks";
            return library;
        }
        catch (Exception failure)
            when (failure is IOException or UnauthorizedAccessException or DllNotFoundException or BadImageFormatException)
        {
            return Refuse($"A copy of {original} without {LibTorchSharpPatch.Version} cannot be loaded either: {failure.Message}");
        }
    }

    private static nint Refuse(string reason)
    {
        Report = reason;
        return 0;
    }
}

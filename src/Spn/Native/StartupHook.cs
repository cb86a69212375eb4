using System.Runtime.CompilerServices;
using Spn.Native;

/// <summary>
/// The runtime calls this before an app's own code where buildTransitive/Spn.targets has named Spn as a startup hook: then TorchSharp loads even if its
/// first call comes before Spn's. The name and the missing namespace are the runtime's convention.
/// </summary>
internal static class StartupHook
{
    /// <summary>Runs Spn's module initializer.</summary>
    public static void Initialize() => RuntimeHelpers.RunModuleConstructor(typeof(NativeLibraries).Module.ModuleHandle);
}

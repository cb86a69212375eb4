using System.Runtime.CompilerServices;
using Spn.Torch;

/// <summary>
/// Called by the runtime before the app's own code if buildTransitive/Spn.targets has registered Spn as a startup hook. TorchSharp can then
/// be loaded even if the app uses it before Spn. The class name and the global namespace are required by the runtime.
/// </summary>
internal static class StartupHook
{
    /// <summary>Runs Spn's module initializer.</summary>
    public static void Initialize() => RuntimeHelpers.RunModuleConstructor(typeof(NativeLibraries).Module.ModuleHandle);
}

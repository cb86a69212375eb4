using Spn.Models;
using Spn.Torch;
using TorchSharp;
using static TorchSharp.torch;

#pragma warning disable RS0030 // here the generators are seeded

namespace Spn.Testing;

/// <summary>
/// Random tensors and modules that are the same in every run. libtorch's own generator belongs to the whole process, and tests run in parallel:
/// not even <c>manual_seed</c> makes its numbers reproducible, so tests may not draw from it (BannedSymbols.txt).
/// </summary>
internal static class Seeded
{
    private static readonly Lock s_lock = new();

    /// <summary>Uniform numbers from 0 to 1, of torch's default type.</summary>
    public static Tensor Rand(long seed, long[] shape)
    {
        using var generator = new Generator((ulong)seed);
        return rand(shape, generator: generator);
    }

    /// <summary>Normal numbers of mean 0 and deviation 1, of torch's default type.</summary>
    public static Tensor Randn(long seed, long[] shape)
    {
        using var generator = new Generator((ulong)seed);
        return randn(shape, generator: generator);
    }

    /// <summary>Overwrites tensors with uniform numbers.</summary>
    public static void Uniform(long seed, IEnumerable<Tensor> tensors, double low, double high)
    {
        using var generator = new Generator((ulong)seed);
        foreach (Tensor tensor in tensors)
            nn.init.uniform_(tensor, low, high, generator);
    }

    /// <summary>Overwrites a tensor with normal numbers of mean 0.</summary>
    public static void Normal(long seed, Tensor tensor, double deviation)
    {
        using var generator = new Generator((ulong)seed);
        nn.init.normal_(tensor, 0, deviation, generator);
    }

    /// <summary>A new model with these first weights.</summary>
    public static SpnModule Model(SpnConfiguration? configuration = null, long seed = 1) => Module(seed, () => new SpnModule(configuration));

    /// <summary>
    /// A new module with these first weights. Modules draw from the process's generator, and another thread that draws meanwhile, for instance because it
    /// loads a model, would change them: so the module is made until two in a row are equal.
    /// </summary>
    public static T Module<T>(long seed, Func<T> make)
        where T : nn.Module
    {
        lock (s_lock)
        {
            T module = Make();
            while (true)
            {
                T again = Make();
                bool equal = AreEqual(module, again);
                (equal ? again : module).Dispose();
                if (equal)
                    return module;
                module = again;
            }
        }

        T Make()
        {
            manual_seed(seed);
            return make();
        }
    }

    private static bool AreEqual(nn.Module a, nn.Module b)
        => a.state_dict().Values.Zip(b.state_dict().Values).All(pair => pair.First.allclose(pair.Second, 0, 0));
}

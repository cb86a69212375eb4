using System.Runtime.CompilerServices;
using Spn.Diagnostics;
using TorchSharp;

// The first argument says which library the app turns to first.
if (args is ["torch-first"])
{
    UseTorch();
    UseSpn();
}
else
{
    UseSpn();
    UseTorch();
}

// Not inlined: compiling a method that calls Spn would already load it.
[MethodImpl(MethodImplOptions.NoInlining)]
static void UseTorch()
{
    using torch.Tensor numbers = torch.arange(4), sum = numbers.sum();
    Console.WriteLine($"torch says {sum.item<long>()}");
}

[MethodImpl(MethodImplOptions.NoInlining)]
static void UseSpn() => Console.WriteLine(SpnDiagnostics.Describe());

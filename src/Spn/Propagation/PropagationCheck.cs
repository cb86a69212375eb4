using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using TorchSharp;

namespace Spn.Propagation;

/// <summary>Refuses bad arguments of the operator before any work, and derives the sizes from good ones.</summary>
internal static class PropagationCheck
{
    // The kernels count planes, lines and pixels of a line in int, with room for a padding.
    private const long Most = 1 << 30;

    public static PropagationShape Shape(torch.Tensor x, torch.Tensor guidance, torch.Tensor? xGate, PropagationOptions options)
    {
        Options(options, xGate is not null);
        Usable(x);
        Usable(guidance);
        if (x.dtype is not (torch.ScalarType.Float32 or torch.ScalarType.Float64 or torch.ScalarType.Float16 or torch.ScalarType.BFloat16))
            throw new ArgumentException($"x is {x.dtype}; expected Float32, Float64, Float16 or BFloat16.", nameof(x));
        if (x.dim() != 4 || x.shape.Any(size => size < 1))
            throw new ArgumentException($"x has shape {Text(x.shape)}; expected [N, C, H, W] with every size at least 1.", nameof(x));
        (long batch, long channels, long height, long width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        if (batch > Most / channels || height > Most || width > Most)
            throw new ArgumentException($"x has shape {Text(x.shape)}; expected at most {Most} for N·C, H and W.", nameof(x));

        int directions = int.PopCount((int)options.Directions);
        int gates = (int)options.Connection;
        long maps = directions * gates;
        string expected = $"[{batch}, {maps}·G, {height}, {width}] ({directions} directions of {gates} gates, G groups, {channels} channels divisible by G)";
        SameKind(guidance, x);
        if (guidance.dim() != 4 || guidance.shape[0] != batch || guidance.shape[2] != height || guidance.shape[3] != width)
            throw new ArgumentException($"guidance has shape {Text(guidance.shape)}; expected {expected}.", nameof(guidance));
        long groups = guidance.shape[1] / maps;
        if (groups == 0 || guidance.shape[1] % maps != 0 || channels % groups != 0)
            throw new ArgumentException($"guidance has {guidance.shape[1]} maps; expected {expected}.", nameof(guidance));

        if (xGate is not null)
        {
            Usable(xGate);
            SameKind(xGate, x);
            long[] wanted = [batch, directions * groups, height, width];
            if (!xGate.shape.SequenceEqual(wanted))
                throw new ArgumentException($"xGate has shape {Text(xGate.shape)}; expected [N, D·G, H, W] = {Text(wanted)}.", nameof(xGate));
        }

        return new PropagationShape((int)batch, (int)channels, (int)height, (int)width, (int)groups, options.Directions, options.Connection);
    }

    private static void Options(PropagationOptions options, bool hasXGate)
    {
        if (options.Directions == ScanDirections.None || (options.Directions & ~ScanDirections.All) != 0)
            throw Bad(nameof(options.Directions), options.Directions, "one or more of the four directions");
        if (!Enum.IsDefined(options.Connection))
            throw Bad(nameof(options.Connection), options.Connection, "OneWay or ThreeWay");
        if (!Enum.IsDefined(options.Normalization))
            throw Bad(nameof(options.Normalization), options.Normalization, "a gate normalization");
        if (!Enum.IsDefined(options.Merge))
            throw Bad(nameof(options.Merge), options.Merge, "Max, Mean or None");
        if (options.Rounds < 1)
            throw Bad(nameof(options.Rounds), options.Rounds, "1 or more");
        if (options.MaxThreads < 1)
            throw Bad(nameof(options.MaxThreads), options.MaxThreads, "1 or more, or null");
        if (options is { Rounds: > 1, Merge: DirectionMerge.None })
            throw Bad(nameof(options.Rounds), options.Rounds, "1 without a merge: the next round scans the merged map");
        if (options.Normalization == GateNormalization.SigmoidShare && !hasXGate)
            throw Bad(nameof(options.Normalization), options.Normalization, "an xGate with it, as its gates sum to 1 and leave nothing for x");
    }

    private static ArgumentException Bad(string property, object? value, string expected, string argument = "options")
        => new($"{nameof(PropagationOptions)}.{property} is {value}; expected {expected}.", argument);

    private static void Usable([NotNull] torch.Tensor? tensor, [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        if (tensor.IsInvalid)
            throw new ObjectDisposedException(name, $"{name} is a disposed tensor.");
        if (tensor.is_sparse)
            throw new ArgumentException($"{name} is sparse; expected a dense tensor.", name);
    }

    private static void SameKind(torch.Tensor tensor, torch.Tensor x, [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        if (tensor.dtype != x.dtype)
            throw new ArgumentException($"{name} is {tensor.dtype}; expected x's {x.dtype}.", name);
        if (tensor.device_type != x.device_type || tensor.device_index != x.device_index)
            throw new ArgumentException($"{name} is on {tensor.device}; expected x's {x.device}.", name);
    }

    private static string Text(long[] shape) => $"[{string.Join(", ", shape)}]";
}

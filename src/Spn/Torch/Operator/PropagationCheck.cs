using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Spn.Propagation;
using TorchSharp;

namespace Spn.Torch;

/// <summary>Validates the operator's arguments before any work and derives the sizes of the propagation from them.</summary>
internal static class PropagationCheck
{
    // The kernels count planes, lines and pixels per line in int and need headroom for padding.
    private const long MaxSize = 1 << 30;

    public static PropagationShape Shape(torch.Tensor x, torch.Tensor guidance, torch.Tensor? inputGate, PropagationOptions options)
    {
        Options(options, inputGate is not null);
        Usable(x);
        Usable(guidance);
        if (x.dtype is not (torch.ScalarType.Float32 or torch.ScalarType.Float64 or torch.ScalarType.Float16 or torch.ScalarType.BFloat16))
            throw new ArgumentException($"x is {x.dtype}; expected Float32, Float64, Float16 or BFloat16.", nameof(x));
        if (x.dim() != 4 || x.shape.Any(size => size < 1))
            throw new ArgumentException($"x has shape {Text(x.shape)}; expected [N, C, H, W] with every size at least 1.", nameof(x));
        (long batch, long channels, long height, long width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        if (batch > MaxSize / channels || height > MaxSize || width > MaxSize)
            throw new ArgumentException($"x has shape {Text(x.shape)}; expected at most {MaxSize} for N·C, H and W.", nameof(x));

        int directions = int.PopCount((int)options.Directions);
        int gates = (int)options.Connection;
        long maps = directions * gates;
        string expected = $"[{batch}, {maps}·G, {height}, {width}] " +
            $"({directions} directions with {gates} gates each, G groups of gates, where G divides the {channels} channels)";
        SameKind(guidance, x);
        if (guidance.dim() != 4 || guidance.shape[0] != batch || guidance.shape[2] != height || guidance.shape[3] != width)
            throw new ArgumentException($"guidance has shape {Text(guidance.shape)}; expected {expected}.", nameof(guidance));
        long groups = guidance.shape[1] / maps;
        if (groups == 0 || guidance.shape[1] % maps != 0 || channels % groups != 0)
            throw new ArgumentException($"guidance has {guidance.shape[1]} maps; expected {expected}.", nameof(guidance));

        if (inputGate is not null)
        {
            Usable(inputGate);
            SameKind(inputGate, x);
            long[] wanted = [batch, directions * groups, height, width];
            if (!inputGate.shape.SequenceEqual(wanted))
            {
                throw new ArgumentException(
                    $"inputGate has shape {Text(inputGate.shape)}; expected [N, D·G, H, W] = {Text(wanted)}.", nameof(inputGate));
            }
        }

        return new PropagationShape(
            (int)batch, (int)channels, (int)height, (int)width, (int)groups, options.Directions, options.Connection);
    }

    private static void Options(PropagationOptions options, bool hasInputGate)
    {
        if (options.Directions == ScanDirections.None || (options.Directions & ~ScanDirections.All) != 0)
            throw Bad(nameof(options.Directions), options.Directions, "one or more of the four directions");
        if (!Enum.IsDefined(options.Connection))
            throw Bad(nameof(options.Connection), options.Connection, "OneWay or ThreeWay");
        if (!Enum.IsDefined(options.Normalization))
            throw Bad(nameof(options.Normalization), options.Normalization, "a defined gate normalization");
        if (!Enum.IsDefined(options.Merge))
            throw Bad(nameof(options.Merge), options.Merge, "Max, Mean or None");
        if (options.Rounds < 1)
            throw Bad(nameof(options.Rounds), options.Rounds, "1 or more");
        if (options.MaxThreads < 1)
            throw Bad(nameof(options.MaxThreads), options.MaxThreads, "1 or more, or null");
        if (options is { Rounds: > 1, Merge: DirectionMerge.None })
            throw Bad(nameof(options.Rounds), options.Rounds, "1 without a merge, because every further round scans the merged map");
        if (options.Normalization == GateNormalization.NormalizedSigmoid && !hasInputGate)
        {
            throw Bad(
                nameof(options.Normalization), options.Normalization,
                "it to be used with an inputGate, because its gates sum to 1 and leave no share for x");
        }
    }

    private static ArgumentException Bad(string property, object? value, string expected, string argument = "options")
        => new($"{nameof(PropagationOptions)}.{property} is {value}; expected {expected}.", argument);

    private static void Usable([NotNull] torch.Tensor? tensor, [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        if (tensor.IsInvalid)
            throw new ObjectDisposedException(name, $"{name} has been disposed.");
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

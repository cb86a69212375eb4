namespace Spn.Inference.Layers;

/// <summary>
/// Weights in the order in which a <see cref="DotKernel"/> reads them, the outputs rounded up to whole blocks with zeros.
/// </summary>
internal sealed unsafe class DotWeights
{
    private readonly PinnedFloats _weight, _bias;

    /// <param name="weight"><c>[outputs, inputs]</c>.</param>
    /// <param name="bias"><c>[outputs]</c>; empty for zeros.</param>
    /// <param name="outputs">Outputs.</param>
    /// <param name="inputs">Rows that are summed.</param>
    public DotWeights(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int outputs, int inputs)
    {
        (Outputs, Inputs) = (outputs, inputs);
        _weight = new PinnedFloats(DotKernel.Padded(outputs) * inputs);
        _bias = new PinnedFloats(DotKernel.Padded(outputs));
        weight[..(outputs * inputs)].CopyTo(_weight.Values);
        bias.CopyTo(_bias.Values);
    }

    public int Outputs { get; }

    public int Inputs { get; }

    /// <summary>The kernel; the caller keeps this object alive while it is used.</summary>
    public DotKernel Kernel => new(_weight.Pointer, _bias.Pointer, Inputs);
}

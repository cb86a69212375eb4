using Spn.Torch;
using TorchSharp;

namespace Spn.Weights;

/// <content>Tensors.</content>
public sealed partial class SafetensorsFile
{
    /// <summary>Reads a tensor.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>A contiguous CPU tensor of the stored type and shape; the caller owns it.</returns>
    /// <exception cref="KeyNotFoundException">The file has no such tensor.</exception>
    /// <exception cref="NotSupportedException">
    /// TorchSharp has no tensor type for the stored type; <see cref="ReadBytes"/> can read the tensor.
    /// </exception>
    /// <exception cref="InvalidDataException">The file has been truncated since it was opened.</exception>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    public torch.Tensor Read(string name)
    {
        SafetensorsEntry entry = Entry(name);
        torch.ScalarType type = TensorDtypes.Of(entry.Dtype)
            ?? throw new NotSupportedException(
                $"{Path}: the tensor '{name}' is stored as {entry.Dtype}, which TorchSharp does not support; " +
                "use ReadBytes to read its raw bytes.");

        torch.Tensor tensor = torch.empty([.. entry.Shape], dtype: type, device: torch.CPU);
        try
        {
            TensorBytes.ForEachChunk(tensor, (offset, bytes) => ReadData(entry, offset, bytes));
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }
}

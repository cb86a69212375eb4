using Spn.Evaluation.Classes;
using Spn.Paper.Data;
using Spn.Segmentation.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Paper.Experiments;

/// <summary>A trained SPN, which refines the classes that the network lists.</summary>
internal sealed class PropagationClassMethod(string name, SpatialPropagationNetwork network) : IClassMethod
{
    public string Name => name;

    public ClassProbabilities Refine(ClassPhoto photo)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        ClassProbabilities coarse = new NetworkMethod().Refine(photo);
        Tensor planes = tensor(coarse.Pixels.ToArray(), [1, coarse.Classes, coarse.Height, coarse.Width]);
        Tensor image = tensor(Picture.Planes(photo.Image), [1, 3, coarse.Height, coarse.Width]);
        Tensor refined = network.forward(image, planes).softmax(1);
        return ClassProbabilities.FromPixels(refined.data<float>().ToArray(), coarse.Classes, coarse.Width, coarse.Height);
    }
}

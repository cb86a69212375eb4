using Spn.Evaluation.Classes;
using Spn.Paper.Data;
using Spn.Segmentation.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Paper.Experiments;

/// <summary>A trained CRF as RNN. It refines all classes, of which the photo's are returned.</summary>
internal sealed class CrfAsRnnClassMethod(CrfAsRnn crf) : IClassMethod
{
    private const float MinProbability = 1e-5f;

    public string Name => "CRF as RNN";

    public ClassProbabilities Refine(ClassPhoto photo)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        ClassProbabilities coarse = new NetworkMethod().Refine(photo);
        (int width, int height) = (coarse.Width, coarse.Height);
        Tensor listed = tensor(photo.Labels.Select(label => (long)label).ToArray());
        Tensor planes = full([1, ClassCrops.AllClasses, height, width], MinProbability);
        planes.index_copy_(1, listed, maximum(tensor(coarse.Pixels.ToArray(), [1, coarse.Classes, height, width]), tensor(MinProbability)));
        Tensor image = tensor(Picture.Planes(photo.Image), [1, 3, height, width]);
        Tensor refined = crf.forward(image, planes.log()).softmax(1).index_select(1, listed);
        return ClassProbabilities.FromPixels(refined.data<float>().ToArray(), coarse.Classes, width, height);
    }
}

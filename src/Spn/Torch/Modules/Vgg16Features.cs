using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>
/// VGG16's thirteen convolutions (Simonyan and Zisserman, ICLR 2015), without batch normalisation, under torchvision's names: the indices
/// in its <c>features</c> list, which also contains ReLUs and pools.
/// </summary>
internal sealed class Vgg16Features : nn.Module<Tensor, Tensor[]>
{
    /// <summary>The number of maps and convolutions of each stage. A 2x2 max pool follows each stage.</summary>
    private static readonly (long Width, int Convolutions)[] s_stages = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)];

    private readonly Conv2d[][] _stages;

    public Vgg16Features()
        : base(nameof(Vgg16Features))
    {
        _stages = new Conv2d[s_stages.Length][];
        long input = 3;
        int number = 0;
        for (int s = 0; s < s_stages.Length; s++)
        {
            _stages[s] = new Conv2d[s_stages[s].Convolutions];
            for (int i = 0; i < _stages[s].Length; i++, number += 2)
            {
                Conv2d conv = nn.Conv2d(input, s_stages[s].Width, 3, padding: 1);
                nn.init.kaiming_normal_(conv.weight, mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.ReLU);
                nn.init.zeros_(conv.bias!);
                register_module($"{number}", conv);
                _stages[s][i] = conv;
                input = s_stages[s].Width;
            }
            number++;
        }
    }

    /// <summary>Each stage's last map before its pool, at 1/1, 1/2 … 1/16, and pool5 at 1/32. The caller's scope owns them.</summary>
    public override Tensor[] forward(Tensor input)
    {
        var maps = new List<Tensor>();
        Tensor x = input;
        foreach (Conv2d[] stage in _stages)
        {
            foreach (Conv2d conv in stage)
                x = conv.forward(x).relu_();
            maps.Add(x);
            x = nn.functional.max_pool2d(x, 2);
        }
        return [.. maps, x];
    }
}

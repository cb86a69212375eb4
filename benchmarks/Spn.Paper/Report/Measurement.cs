using Spn.Metrics;
using Spn.Paper.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Paper.Report;

/// <summary>Predicts the classes of test pictures and counts confusions.</summary>
internal static class Measurement
{
    /// <param name="test">The pictures.</param>
    /// <param name="classes">The number of scored classes.</param>
    /// <param name="predict">A picture's classes <c>[1, K, H, W]</c>, larger for more likely ones.</param>
    /// <param name="scored">The scored class of each class; <see langword="null"/> for the same.</param>
    public static Scores Of(
        IEnumerable<Picture> test, int classes, Func<Picture, Tensor> predict, IReadOnlyList<byte>? scored = null)
    {
        var images = new List<ConfusionMatrix>();
        using IDisposable noGradient = no_grad();
        foreach (Picture picture in test)
        {
            using DisposeScope scope = NewDisposeScope();
            var counts = new ConfusionMatrix(classes);
            int[] labels = Tensors.Winners(predict(picture)).Labels.ToArray();
            counts.Add(Map(labels), Map([.. picture.Labels.Select(label => (int)label)]).WithVoidLabel(Picture.Void));
            images.Add(counts);

            LabelMap Map(int[] values) => LabelMap.FromPixels(
                scored is null ? values : [.. values.Select(label => label == Picture.Void ? label : scored[label])],
                picture.Width, picture.Height);
        }
        return new Scores(images);
    }
}

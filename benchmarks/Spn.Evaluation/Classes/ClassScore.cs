using System.Diagnostics;
using Spn.Metrics;

namespace Spn.Evaluation.Classes;

/// <summary>The result of one method for one photo and network.</summary>
/// <param name="Photo">The name of the photo.</param>
/// <param name="Network">The name of the network.</param>
/// <param name="Method">The name of the method.</param>
/// <param name="All">All pixels that are not void.</param>
/// <param name="Near">Of these, the pixels within <see cref="NearDistance"/> of a true boundary.</param>
/// <param name="FarRight">Pixels farther than <see cref="FarDistance"/> from a boundary whose label became right.</param>
/// <param name="FarWrong">The same, for labels that were right and became wrong.</param>
/// <param name="Milliseconds">The time for photo and classes together.</param>
internal sealed record ClassScore(
    string Photo, string Network, string Method, ConfusionMatrix All, ConfusionMatrix Near, long FarRight, long FarWrong, double Milliseconds)
{
    /// <summary>The number of labels of VOC, including the background.</summary>
    public const int Labels = 21;

    /// <summary>Pixels up to this distance from a true boundary count as near.</summary>
    public const int NearDistance = 10;

    /// <summary>Pixels beyond this distance from every true boundary count as far.</summary>
    public const int FarDistance = 30;

    /// <summary>The results of all methods for a photo.</summary>
    /// <param name="photo">The photo.</param>
    /// <param name="network">The name of the network.</param>
    /// <param name="methods">The methods; the first one is the network itself.</param>
    public static IEnumerable<ClassScore> AllOf(ClassPhoto photo, string network, IEnumerable<IClassMethod> methods)
    {
        float[] distances = photo.BoundaryDistances();
        LabelMap? coarse = null;
        foreach (IClassMethod method in methods)
        {
            long start = Stopwatch.GetTimestamp();
            ClassProbabilities refined = method.Refine(photo);
            double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            LabelMap labels = photo.ToLabels(refined);
            coarse ??= labels;
            yield return Of(photo, network, method.Name, coarse, labels, distances, time);
        }
    }

    /// <summary>Compares refined labels with the truth, and with the network's own labels.</summary>
    /// <param name="photo">The photo.</param>
    /// <param name="network">The name of the network.</param>
    /// <param name="method">The name of the method.</param>
    /// <param name="coarse">The network's labels at the photo's size.</param>
    /// <param name="refined">The refined labels.</param>
    /// <param name="distances">The distance of every pixel to the nearest true boundary.</param>
    /// <param name="milliseconds">The time that the method took.</param>
    public static ClassScore Of(
        ClassPhoto photo, string network, string method, LabelMap coarse, LabelMap refined, float[] distances, double milliseconds)
    {
        ConfusionMatrix all = new(Labels), near = new(Labels);
        all.Add(refined, photo.Truth);
        near.Add(refined, NearBoundaries(photo.Truth, distances));
        long right = 0, wrong = 0;
        ReadOnlySpan<int> truth = photo.Truth.Labels, before = coarse.Labels, after = refined.Labels;
        for (int i = 0; i < truth.Length; i++)
        {
            if (truth[i] != photo.Truth.VoidLabel && distances[i] > FarDistance && before[i] != after[i])
            {
                right += after[i] == truth[i] ? 1 : 0;
                wrong += before[i] == truth[i] ? 1 : 0;
            }
        }
        return new ClassScore(photo.Name, network, method, all, near, right, wrong, milliseconds);
    }

    /// <summary>The true labels near a boundary; all other pixels are void.</summary>
    private static LabelMap NearBoundaries(LabelMap truth, float[] distances)
        => LabelMap.FromPixels(
            [.. truth.Labels.ToArray().Select((label, i) => distances[i] <= NearDistance ? label : LabelMap.Void)], truth.Width, truth.Height)
            .WithVoidLabel(LabelMap.Void);
}

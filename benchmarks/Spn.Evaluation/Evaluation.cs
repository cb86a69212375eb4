using System.Diagnostics;
using OpenCvSharp;
using Spn.Evaluation.Coarse;
using Spn.Evaluation.Methods;
using Spn.Evaluation.Photos;
using Spn.Evaluation.Report;
using Spn.Metrics;

namespace Spn.Evaluation;

/// <summary>Refines every kind of coarse mask of a photo with every method and compares the results with the true mask.</summary>
internal static class Evaluation
{
    public static IEnumerable<Score> Of(Photo photo, ICoarseMasks masks, IReadOnlyList<IMethod> methods)
    {
        IReadOnlyList<string> kinds = masks.Kinds(photo.Name);
        Mat[] coarse = [.. kinds.Select(kind => masks.Make(photo, kind))];
        foreach (IMethod method in methods)
        {
            long opening = Stopwatch.GetTimestamp();
            using IRefiner refiner = method.Open(photo.Image);
            double photoTime = Stopwatch.GetElapsedTime(opening).TotalMilliseconds;
            for (int i = 0; i < kinds.Count; i++)
            {
                long refining = Stopwatch.GetTimestamp();
                using Mat refined = refiner.Refine(coarse[i]);
                double time = Stopwatch.GetElapsedTime(refining).TotalMilliseconds, spentOnPhoto = refiner.PhotoTime.TotalMilliseconds;
                refined.GetArray(out float[] pixels);
                var mask = BinaryMask.From(pixels, refined.Width, refined.Height);
                yield return new Score(
                    photo.Name, kinds[i], method.Name,
                    MaskMetrics.IoU(mask, photo.TruthMask, photo.Ignored),
                    MaskMetrics.BoundaryIoU(mask, photo.TruthMask, photo.Ignored),
                    MaskMetrics.MeanBoundaryAccuracy(mask, photo.TruthMask, photo.Ignored),
                    photoTime + spentOnPhoto, time - spentOnPhoto);
            }
        }
        foreach (Mat mask in coarse)
            mask.Dispose();
    }

    /// <summary>
    /// Writes contact sheets of the cases in which a method improved the coarse mask most and least, by IoU + mBA.
    /// </summary>
    public static void WriteSheets(
        string folder, PhotoFolder photos, IReadOnlyList<Score> scores, ICoarseMasks kinds, IReadOnlyList<IMethod> methods,
        IMethod judged, int count)
    {
        var coarse = scores.Where(score => score.Method == scores[0].Method).ToDictionary(score => (score.Photo, score.Kind));
        var gains = scores.Where(score => score.Method == judged.Name && score.Kind != "exact")
            .Select(score => (score, before: coarse[(score.Photo, score.Kind)]))
            .Select(pair => (pair.score, gain: pair.score.IoU + pair.score.Mba - pair.before.IoU - pair.before.Mba))
            .OrderByDescending(pair => pair.gain).ToArray();
        if (gains.Length == 0)
            return; // only exact masks were requested
        foreach ((string name, var cases) in new[] { ("best", gains.Take(count)), ("worst", gains.Reverse().Take(count)) })
        {
            using var sheet = new ContactSheet();
            foreach ((Score score, double gain) in cases)
            {
                using Photo photo = photos.Open(score.Photo);
                using Mat mask = kinds.Make(photo, score.Kind);
                var masks = methods.Select(method =>
                {
                    using IRefiner refiner = method.Open(photo.Image);
                    return (method.Name, refiner.Refine(mask));
                }).ToArray();
                sheet.Add(photo, FormattableString.Invariant($"{score.Photo} {score.Kind} {100 * gain:+0.0;-0.0}"), masks);
                foreach ((_, Mat refined) in masks)
                    refined.Dispose();
            }
            sheet.Save(Path.Combine(folder, name + ".png"));
        }
    }
}

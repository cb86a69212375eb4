using Spn.Cli.Batch;
using Spn.Cli.Files;
using Spn.Cli.Output;

namespace Spn.Cli.Annotations;

/// <summary>Refines the annotations of a file, several photos at a time.</summary>
/// <param name="photos">The folder of the photos.</param>
/// <param name="refiner">A refiner with hard output.</param>
/// <param name="asRuns">Whether polygons become run lengths.</param>
/// <param name="jobs">How many photos are refined at a time.</param>
internal sealed class AnnotationRun(string photos, Refiner refiner, bool asRuns, int jobs)
{
    /// <summary>Masks per call, which bounds the memory. Each call processes the photo once.</summary>
    private const int MasksPerCall = 32;

    /// <summary>Refines all annotations. Those of a photo that cannot be refined stay as they are, and the photo is counted.</summary>
    public Task RunAsync(IAnnotationFile file, BatchCounter counter, CancellationToken cancellation)
        => Parallel.ForEachAsync(
            file.Images, new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = cancellation },
            async (image, stop) => await RefineAsync(image, counter, stop).ConfigureAwait(false));

    private async Task RefineAsync(AnnotatedImage image, BatchCounter counter, CancellationToken cancellation)
    {
        InputFile? photo = null;
        try
        {
            photo = await InputFile.ReadAsync(image.Find(photos), isMask: false, cancellation).ConfigureAwait(false);
            List<Mask> refined = [];
            foreach (IAnnotatedObject[] part in image.Objects.Chunk(MasksPerCall))
            {
                MaskInput[] masks = [.. part.Select(annotated => (MaskInput)annotated.Read(image.Width, image.Height))];
                refined.AddRange(await refiner.RefineAsync(photo.Bytes, masks, cancellation).ConfigureAwait(false));
            }
            if (refined[0].Width != image.Width || refined[0].Height != image.Height)
            {
                throw new InvalidDataException(
                    $"{photo} has {refined[0].Width} x {refined[0].Height} pixels, "
                    + $"but its annotations are for {image.Width} x {image.Height}.");
            }
            for (int i = 0; i < refined.Count; i++)
                image.Objects[i].Write(refined[i], asRuns);
            counter.AddRefined();
        }
        catch (Exception e) when (e is not OperationCanceledException && Failure.IsExpected(e))
        {
            counter.AddFailure(image.Name, photo is null ? Failure.Describe(e) : Failure.Describe(e, hasOptions: false, photo));
        }
    }
}

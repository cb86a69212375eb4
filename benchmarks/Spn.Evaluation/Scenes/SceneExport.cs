using OpenCvSharp;
using Spn.Training;

namespace Spn.Evaluation.Scenes;

/// <summary>
/// Writes procedural scenes whose objects consist mostly of thin parts (bicycles, trees, ropes) in the layout of <c>PhotoFolder</c>. Their true
/// masks are exact, which no annotator's are at thin parts.
/// </summary>
internal static class SceneExport
{
    // Trainings use small seeds, so none has seen these scenes. They have seen others of the same generator.
    private const ulong Seed = 1_000_003;

    public static int Run(SceneArguments arguments)
    {
        Directory.CreateDirectory(arguments.Out);
        var scenes = new SceneGenerator(Seed, new SceneOptions
        {
            Width = arguments.Size, Height = arguments.Size, ThinParts = 1, Uniform = 0, Translucency = 0,
        });
        for (int i = 0; i < arguments.Count; i++)
        {
            LabeledImage scene = scenes.Image((ulong)i);
            using Mat rgb = Mat.FromPixelData(scene.Height, scene.Width, MatType.CV_8UC3, scene.Rgb), bgr = new();
            using Mat mask = Mat.FromPixelData(scene.Height, scene.Width, MatType.CV_8UC1, scene.Mask);
            Cv2.CvtColor(rgb, bgr, ColorConversionCodes.RGB2BGR);
            Write($"scene-{i:D4}.jpg", bgr);
            Write($"scene-{i:D4}_gt.png", mask);
        }
        Console.WriteLine($"Wrote {arguments.Count} scenes to {arguments.Out}.");
        return 0;

        void Write(string file, Mat image)
        {
            if (!Cv2.ImWrite(Path.Combine(arguments.Out, file), image))
                throw new IOException($"{file} cannot be written to {arguments.Out}.");
        }
    }
}

using OpenCvSharp;

namespace Spn.Evaluation.Classes;

/// <summary>
/// Writes class probabilities and true labels as single masks, in the layout that <c>spn-train</c> reads: one photo for each class of an
/// image, with its true mask, the pixels without truth, and the network's probability of the class.
/// </summary>
internal static class ClassExport
{
    // Left out are classes below this share of the pixels, both by the network and in truth, and those that the network hardly sees.
    private const double MinShare = 0.002;
    private const float MinProbability = 0.15f;

    public static int Run(ClassExportArguments arguments)
    {
        Directory.CreateDirectory(Path.Combine(arguments.Out, "networks"));
        int count = 0;
        foreach (string list in arguments.Lists)
        {
            string folder = Path.GetDirectoryName(Path.Combine(arguments.Folder, list))!;
            var part = new VocPart(folder, Path.GetFileName(list), arguments.Network);
            foreach (string name in part.Names)
            {
                using ClassPhoto photo = part.Open(name);
                count += Write(photo, Path.Combine(folder, "images", name + ".jpg"), arguments);
            }
        }
        Console.WriteLine($"Wrote {count} masks to {arguments.Out}.");
        return 0;
    }

    private static int Write(ClassPhoto photo, string image, ClassExportArguments arguments)
    {
        ReadOnlySpan<int> truth = photo.Truth.Labels, winners = photo.ToLabels(new NetworkMethod().Refine(photo)).Labels;
        int count = 0, plane = photo.Coarse.Width * photo.Coarse.Height;
        for (int k = 0; k < photo.Labels.Count; k++)
        {
            int label = photo.Labels[k];
            double minPixels = MinShare * truth.Length;
            ReadOnlySpan<float> probabilities = photo.Coarse.Pixels.Slice(k * plane, plane);
            if ((truth.Count(label) < minPixels && winners.Count(label) < minPixels) || !Seen(probabilities))
                continue;
            string name = $"{photo.Name}-{label}";
            File.Copy(image, Path.Combine(arguments.Out, name + ".jpg"), overwrite: true);
            Save($"{name}_gt.png", Where(truth, label), photo.Truth.Width);
            if (truth.Contains(LabelMap.Void))
                Save($"{name}_void.png", Where(truth, LabelMap.Void), photo.Truth.Width);
            Save(Path.Combine("networks", $"{name}__{arguments.Network}.png"), Bytes(probabilities), photo.Coarse.Width);
            count++;
        }
        return count;

        void Save(string file, byte[] pixels, int width)
        {
            using Mat map = Mat.FromPixelData(pixels.Length / width, width, MatType.CV_8UC1, pixels);
            if (!Cv2.ImWrite(Path.Combine(arguments.Out, file), map))
                throw new IOException($"{file} cannot be written to {arguments.Out}.");
        }
    }

    private static bool Seen(ReadOnlySpan<float> probabilities)
    {
        foreach (float probability in probabilities)
        {
            if (probability >= MinProbability)
                return true;
        }
        return false;
    }

    private static byte[] Where(ReadOnlySpan<int> labels, int label)
    {
        byte[] mask = new byte[labels.Length];
        for (int i = 0; i < mask.Length; i++)
            mask[i] = labels[i] == label ? byte.MaxValue : byte.MinValue;
        return mask;
    }

    private static byte[] Bytes(ReadOnlySpan<float> probabilities)
    {
        byte[] bytes = new byte[probabilities.Length];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)MathF.Round(255 * probabilities[i]);
        return bytes;
    }
}

using System.Globalization;
using OpenCvSharp;

namespace Spn.Evaluation.Classes;

/// <summary>A part of Pascal VOC 2012 with the class probabilities of a network: images, labels, a list of IDs, and the planes.</summary>
/// <remarks>
/// <c>NETWORK.csv</c> lists <c>id,height,width,classes</c>, and <c>NETWORK/id.png</c> holds the planes of these classes one below the
/// other, as 8-bit probabilities.
/// </remarks>
internal sealed class VocPart
{
    private readonly string _folder, _network;
    private readonly Dictionary<string, string[]> _rows;

    /// <param name="folder">The folder with images, labels and networks.</param>
    /// <param name="list">The file with the IDs of the part, for example <c>B.txt</c>.</param>
    /// <param name="network">The name of the network.</param>
    /// <exception cref="IOException">A file is missing.</exception>
    public VocPart(string folder, string list, string network)
    {
        (_folder, _network) = (folder, network);
        _rows = File.ReadLines(Path.Combine(folder, network + ".csv")).Skip(1).Select(line => line.Split(',')).ToDictionary(row => row[0]);
        Names = [.. File.ReadLines(Path.Combine(folder, list)).Select(line => line.Trim()).Where(_rows.ContainsKey)];
    }

    /// <summary>The IDs of the images, in the order of the list.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Reads an image, its labels, and the network's probabilities.</summary>
    /// <exception cref="InvalidDataException">The files do not fit each other.</exception>
    public ClassPhoto Open(string name)
    {
        Mat image = Cv2.ImRead(Path.Combine(_folder, "images", name + ".jpg"), ImreadModes.Color);
        LabelMap truth = LabelMap.Load(Path.Combine(_folder, "labels", name + ".png"));
        if (image.Width != truth.Width || image.Height != truth.Height)
            throw new InvalidDataException($"{name}: the photo is {image.Size()} and its labels are {truth.Width} x {truth.Height}.");
        string[] row = _rows[name];
        int height = int.Parse(row[1], CultureInfo.InvariantCulture), width = int.Parse(row[2], CultureInfo.InvariantCulture);
        int[] labels = [.. row[3].Split(' ').Select(label => int.Parse(label, CultureInfo.InvariantCulture))];
        return new ClassPhoto(name, image, truth, labels, Planes(name, labels.Length, width, height));
    }

    /// <summary>The planes, divided by their sum at every pixel: rounding and the dropped classes leave it below 1.</summary>
    private ClassProbabilities Planes(string name, int classes, int width, int height)
    {
        using Mat grey = Cv2.ImRead(Path.Combine(_folder, _network, name + ".png"), ImreadModes.Grayscale);
        if (grey.Width != width || grey.Height != height * classes)
            throw new InvalidDataException(
                $"{name}: the planes of {_network} are {grey.Size()}; expected {classes} planes of {width} x {height}.");
        grey.GetArray(out byte[] values);
        float[] planes = new float[values.Length];
        int plane = width * height;
        for (int i = 0; i < plane; i++)
        {
            int sum = 0;
            for (int k = 0; k < classes; k++)
                sum += values[k * plane + i];
            for (int k = 0; k < classes; k++)
                planes[k * plane + i] = sum == 0 ? 1f / classes : (float)values[k * plane + i] / sum;
        }
        return ClassProbabilities.FromPixels(planes, classes, width, height);
    }
}

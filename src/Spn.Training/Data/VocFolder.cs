using Spn.Training.Data;

namespace Spn.Training;

/// <summary>
/// The segmentations of Pascal VOC (Everingham et al., "The Pascal Visual Object Classes Challenge", 2012) in the published layout:
/// <c>JPEGImages/NAME.jpg</c>, <c>SegmentationObject/NAME.png</c>, <c>SegmentationClass/NAME.png</c> and
/// <c>ImageSets/Segmentation/SPLIT.txt</c>. Each object of a photo becomes one labelled image: its mask is 255, the other objects are
/// outside, and void pixels are ignored. Thread-safe.
/// </summary>
public sealed class VocFolder : ILabeledImages
{
    private const string Lists = "ImageSets/Segmentation";
    private const string Photos = "JPEGImages";
    private const string ClassMaps = "SegmentationClass";
    private const string ObjectMaps = "SegmentationObject";
    private const int Background = 0;

    private readonly string _photos, _maps;
    private readonly (string Name, int Label)[] _objects;

    /// <summary>
    /// Reads the label files of a split to list their objects, which takes seconds for VOC 2012. Photos are read on request.
    /// </summary>
    /// <param name="folder">The folder of a year, such as <c>VOCdevkit/VOC2012</c>.</param>
    /// <param name="split">The name of a list in ImageSets/Segmentation: <c>train</c> (default), <c>val</c> or <c>trainval</c>.</param>
    /// <param name="classes">
    /// Whether all objects of a class in a photo share one mask (SegmentationClass). Default: false, one mask per object
    /// (SegmentationObject).
    /// </param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="FileNotFoundException">The list or one of its photos or label files is missing.</exception>
    /// <exception cref="InvalidDataException">
    /// The list is empty, a label file cannot be read, or there is no object in any of them.
    /// </exception>
    public VocFolder(string folder, string split = "train", bool classes = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(split);
        string maps = classes ? ClassMaps : ObjectMaps;
        string[] names = Photo.List(folder, $"{Lists}/{split}.txt", $"the layout of VOCdevkit/VOC2012: {Photos}, {maps} and {Lists}");
        _photos = Path.Combine(folder, Photos);
        _maps = Path.Combine(folder, maps);
        _objects = [.. names.SelectMany(Objects)];
        if (_objects.Length == 0)
        {
            throw new InvalidDataException(
                $"'{_maps}' contains no object in the split '{split}': " +
                $"its {names.Length} files contain only {Background} and {LabelMap.Void}.");
        }
    }

    /// <summary>
    /// The number of images: one per object, or one per class in a photo. They are ordered as in the list, then by label.
    /// </summary>
    public int Count => _objects.Length;

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">A file cannot be read, or the sizes differ.</exception>
    public LabeledImage Image(ulong number)
    {
        (string name, int label) = _objects[number % (ulong)_objects.Length];
        Photo photo = Photo.Load(Path.Combine(_photos, name));
        LabelMap map = LabelMap.Load(MapPath(name));
        photo.RequireSize(MapPath(name), map.Width, map.Height);
        return new LabeledImage(
            photo.Width, photo.Height, photo.Rgb, Where(map, label), map.Labels.Contains(LabelMap.Void) ? Where(map, LabelMap.Void) : null);
    }

    private IEnumerable<(string Name, int Label)> Objects(string name)
    {
        Photo.Find(Path.Combine(_photos, name));
        int[] labels = LabelMap.Load(MapPath(name)).Labels.ToArray();
        return labels.Distinct().Where(label => label is not (Background or LabelMap.Void)).Order().Select(label => (name, label));
    }

    private string MapPath(string name) => Path.Combine(_maps, name + ".png");

    private static byte[] Where(LabelMap map, int label)
    {
        byte[] mask = new byte[map.Labels.Length];
        for (int i = 0; i < mask.Length; i++)
            mask[i] = map.Labels[i] == label ? byte.MaxValue : byte.MinValue;
        return mask;
    }
}

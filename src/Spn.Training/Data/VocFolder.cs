using Spn.Training.Data;

namespace Spn.Training;

/// <summary>
/// The segmentations of Pascal VOC (Everingham et al., "The Pascal Visual Object Classes Challenge", 2012), in the layout they are published in:
/// <c>JPEGImages/NAME.jpg</c>, <c>SegmentationObject/NAME.png</c>, <c>SegmentationClass/NAME.png</c> and <c>ImageSets/Segmentation/SPLIT.txt</c>.
/// Each object of a photo becomes one labelled image: its mask is 255, the other objects belong to the outside, and void is ignored.
/// </summary>
public sealed class VocFolder : ILabeledImages
{
    private const string Lists = "ImageSets/Segmentation", Photos = "JPEGImages", ClassMaps = "SegmentationClass", ObjectMaps = "SegmentationObject";
    private const int Background = 0;

    private readonly string _photos, _maps;
    private readonly (string Name, int Label)[] _objects;

    /// <summary>Reads the label files of a split to see what they hold, seconds for VOC 2012; photos are read when they are asked for.</summary>
    /// <param name="folder">The folder of a year, such as <c>VOCdevkit/VOC2012</c>.</param>
    /// <param name="split">A list in ImageSets/Segmentation: <c>train</c> (default), <c>val</c> or <c>trainval</c>.</param>
    /// <param name="classes">Whether all objects of a class in a photo make one mask (SegmentationClass); default false: each makes its own (SegmentationObject).</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The list is missing, or a photo or label file that it names.</exception>
    /// <exception cref="InvalidDataException">The list is empty, a label file cannot be read, or none holds an object.</exception>
    public VocFolder(string folder, string split = "train", bool classes = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(split);
        string maps = classes ? ClassMaps : ObjectMaps;
        string[] names = Photo.List(folder, $"{Lists}/{split}.txt", $"the layout of VOCdevkit/VOC2012: {Photos}, {maps} and {Lists}");
        _photos = Path.Combine(folder, Photos);
        _maps = Path.Combine(folder, maps);
        _objects = [.. names.SelectMany(Objects)];
        if (_objects.Length == 0)
            throw new InvalidDataException($"'{_maps}' holds no object in the split '{split}': its {names.Length} files are all {Background} and {LabelMap.Void}.");
    }

    /// <summary>How many objects there are, or classes in photos: one image each, in the order of the list and there of the label.</summary>
    public int Count => _objects.Length;

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">A file cannot be read, or the sizes differ.</exception>
    public LabeledImage Image(ulong number)
    {
        (string name, int label) = _objects[number % (ulong)_objects.Length];
        Photo photo = Photo.Load(Path.Combine(_photos, name));
        LabelMap map = LabelMap.Load(MapPath(name));
        photo.RequireSize(MapPath(name), map.Width, map.Height);
        return new LabeledImage(photo.Width, photo.Height, photo.Rgb, Where(map, label), map.Labels.Contains(LabelMap.Void) ? Where(map, LabelMap.Void) : null);
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

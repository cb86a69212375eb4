namespace Spn.Inference;

/// <summary>
/// A view of float32 maps in planes, <c>[N, C, H, W]</c>: every map lies in one run of memory, and fixed strides lead from image to image
/// and from map to map. The default value is no maps. A view owns no memory.
/// </summary>
internal readonly unsafe struct FeatureMaps
{
    private readonly float* _data;
    private readonly long _imageStride, _mapStride;

    /// <summary>Dense maps, image by image.</summary>
    public FeatureMaps(float* data, int images, int channels, int height, int width)
        : this(data, images, channels, height, width, (long)channels * height * width, (long)height * width)
    {
    }

    private FeatureMaps(float* data, int images, int channels, int height, int width, long imageStride, long mapStride)
    {
        _data = data;
        (Images, Channels, Height, Width) = (images, channels, height, width);
        (_imageStride, _mapStride) = (imageStride, mapStride);
    }

    /// <summary>
    /// Maps in channel-major order: map c of image n is plane c·N + n. All copies of a map lie together, so that a scan over C·N channels
    /// takes them as one group that shares gates.
    /// </summary>
    public static FeatureMaps ChannelMajor(float* data, int images, int channels, int height, int width)
        => new(data, images, channels, height, width, (long)height * width, (long)images * height * width);

    public int Images { get; }

    public int Channels { get; }

    public int Height { get; }

    public int Width { get; }

    public float* Data => _data;

    public bool IsNone => _data == null;

    /// <summary>A plane's pixels.</summary>
    public long Plane => (long)Height * Width;

    /// <summary>All elements.</summary>
    public long Count => Images * Channels * Plane;

    /// <summary>A map from a pixel on; <see langword="null"/> if there are no maps.</summary>
    public float* At(int image, int map, long pixel) => _data == null ? null : _data + image * _imageStride + map * _mapStride + pixel;

    /// <summary>All maps of some images.</summary>
    public FeatureMaps Range(int first, int count)
        => new(_data + first * _imageStride, count, Channels, Height, Width, _imageStride, _mapStride);

    /// <summary>Some of every image's maps.</summary>
    public FeatureMaps Slice(int first, int count)
        => new(_data + first * _mapStride, Images, count, Height, Width, _imageStride, _mapStride);
}

using SkiaSharp;
using Spn.Training.Scenes;

namespace Spn.Training;

/// <summary>
/// Procedural images with true masks: an object or a group in front of a background, with the difficulties of photographs
/// (<see cref="SceneOptions"/>). The mask is the visible coverage of the object. The number of different scenes is practically unlimited.
/// </summary>
/// <remarks>The same seed, options and number give the same bytes on every thread. Thread-safe.</remarks>
public sealed class SceneGenerator : ILabeledImages
{
    private readonly SceneOptions _options;
    private readonly ulong _seed;

    /// <summary>Creates a generator.</summary>
    /// <param name="seed">The random seed. Default: 0.</param>
    /// <param name="options">The size and the difficulties; <see langword="null"/> (default) uses the defaults.</param>
    /// <exception cref="ArgumentException">A size or a probability is out of range.</exception>
    public SceneGenerator(ulong seed = 0, SceneOptions? options = null)
    {
        _options = options ?? new();
        _options.Check(nameof(options));
        _seed = seed;
    }

    /// <summary>Generates the scene with a number. Different numbers give different scenes.</summary>
    /// <param name="number">Any number.</param>
    public LabeledImage Image(ulong number)
    {
        SeededRandom random = new(_seed, number);
        using Picture scene = new(_options.Width, _options.Height);
        using Channel mask = new(_options.Width, _options.Height);
        Setting setting = new(_options, Palette.Of(random.Fork("palette")), SeededRandom.Angle(random.Fork("sun").Between(-MathF.PI, 0)));
        Composition.Paint(random, setting, scene, mask);
        Camera.Capture(random, scene, _options);
        return new(_options.Width, _options.Height, Jpeg.Encode(random.Fork("jpeg"), scene, _options), ToBytes(mask));
    }

    private static byte[] ToBytes(Channel mask)
    {
        ReadOnlySpan<float> values = mask.Values;
        byte[] bytes = new byte[values.Length];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(255 * Math.Clamp(values[i], 0, 1) + 0.5f);
        return bytes;
    }
}

namespace Spn.Training;

/// <summary>
/// The size of procedural scenes and the probability of each difficulty, 0 (never) to 1 (always). The defaults are intended for training.
/// To see the effect of a difficulty, set it to 1.
/// </summary>
public sealed record SceneOptions
{
    /// <summary>The number of columns, 1 or more; width · height is at most 67,108,864. Default: 256.</summary>
    public int Width { get; init; } = 256;

    /// <summary>The number of rows, 1 or more. Default: 256.</summary>
    public int Height { get; init; } = 256;

    /// <summary>The object casts a shadow, which is not part of the mask. Default: 0.45.</summary>
    public double Shadow { get; init; } = 0.45;

    /// <summary>Fur or hair along the border of the object. Default: 0.25.</summary>
    public double Fur { get; init; } = 0.25;

    /// <summary>
    /// The object has the materials of the background behind it, moved and slightly brighter or darker. Default: 0.15.
    /// </summary>
    public double Camouflage { get; init; } = 0.15;

    /// <summary>High-contrast spikes, blades and patches behind the object that touch its border. Default: 0.3.</summary>
    public double Clutter { get; init; } = 0.3;

    /// <summary>The object consists mostly of thin parts and gaps, such as a bicycle, a tree or a rope. Default: 0.22.</summary>
    public double ThinParts { get; init; } = 0.22;

    /// <summary>Motion blur of the object or the camera. Default: 0.15.</summary>
    public double MotionBlur { get; init; } = 0.15;

    /// <summary>The background or the object is out of focus. Default: 0.3.</summary>
    public double Defocus { get; init; } = 0.3;

    /// <summary>Stripes, checks, bricks, spots or scales, on both object and background. Default: 0.2.</summary>
    public double RepeatedTexture { get; init; } = 0.2;

    /// <summary>The background is visible through the object. Default: 0.06.</summary>
    public double Translucency { get; init; } = 0.06;

    /// <summary>
    /// Edges inside the object that are not its border: clothing, patches, lines, and shadows on the object. Default: 0.5.
    /// </summary>
    public double InnerEdges { get; init; } = 0.5;

    /// <summary>Something in front of the object cuts the mask. Default: 0.3.</summary>
    public double Occluders { get; init; } = 0.3;

    /// <summary>Other objects of the same kind beside or behind the object, which are not part of the mask. Default: 0.25.</summary>
    public double Distractors { get; init; } = 0.25;

    /// <summary>The object is a group: several objects of one kind with one mask. Default: 0.1.</summary>
    public double Group { get; init; } = 0.1;

    /// <summary>Haze that removes most of the contrast. Default: 0.1.</summary>
    public double LowContrast { get; init; } = 0.1;

    /// <summary>Colour fringes towards the corners. Default: 0.2.</summary>
    public double ChromaticAberration { get; init; } = 0.2;

    /// <summary>Loss of detail by resampling. Default: 0.15.</summary>
    public double Softness { get; init; } = 0.15;

    /// <summary>Sharpening with halos. Default: 0.35.</summary>
    public double Sharpening { get; init; } = 0.35;

    /// <summary>Sensor noise. Default: 0.6.</summary>
    public double Noise { get; init; } = 0.6;

    /// <summary>Blocks and ringing of JPEG compression. Default: 0.6.</summary>
    public double Jpeg { get; init; } = 0.6;

    /// <summary>No object at all, or only the object. Default: 0.02.</summary>
    public double Uniform { get; init; } = 0.02;

    internal void Check(string argument)
    {
        if (Width < 1 || Height < 1 || (long)Width * Height > 1 << 26)
        {
            throw new ArgumentException(
                $"{argument}: the scene size is {Width} x {Height}; expected 1 x 1 to 67,108,864 pixels.", argument);
        }
        foreach ((string name, double value) in Probabilities)
        {
            if (!(value >= 0 && value <= 1))
                throw new ArgumentException($"{argument}: {name} is {value}; expected a probability in 0..1.", argument);
        }
    }

    private (string Name, double Value)[] Probabilities =>
    [
        (nameof(Shadow), Shadow), (nameof(Fur), Fur), (nameof(Camouflage), Camouflage), (nameof(Clutter), Clutter),
        (nameof(ThinParts), ThinParts),
        (nameof(MotionBlur), MotionBlur), (nameof(Defocus), Defocus), (nameof(RepeatedTexture), RepeatedTexture),
        (nameof(Translucency), Translucency),
        (nameof(InnerEdges), InnerEdges), (nameof(Occluders), Occluders), (nameof(Distractors), Distractors), (nameof(Group), Group),
        (nameof(LowContrast), LowContrast),
        (nameof(ChromaticAberration), ChromaticAberration), (nameof(Softness), Softness), (nameof(Sharpening), Sharpening),
        (nameof(Noise), Noise),
        (nameof(Jpeg), Jpeg), (nameof(Uniform), Uniform),
    ];
}

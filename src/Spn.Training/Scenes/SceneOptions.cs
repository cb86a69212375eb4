namespace Spn.Training;

/// <summary>
/// How large procedural scenes are and how often each difficulty occurs: probabilities 0 (never) to 1 (always). The defaults are meant for
/// training; a test sets one to 1 to see what it does.
/// </summary>
public sealed record SceneOptions
{
    /// <summary>Pixels in a row, 1 or more. Default 256.</summary>
    public int Width { get; init; } = 256;

    /// <summary>Rows, 1 or more. Default 256.</summary>
    public int Height { get; init; } = 256;

    /// <summary>The object casts a shadow that is no part of it. Default 0.45.</summary>
    public double Shadow { get; init; } = 0.45;

    /// <summary>Fur or hair along the object's border. Default 0.25.</summary>
    public double Fur { get; init; } = 0.25;

    /// <summary>The object is made of what is behind it, moved and slightly brighter or darker. Default 0.15.</summary>
    public double Camouflage { get; init; } = 0.15;

    /// <summary>High-contrast spikes, blades and patches behind the object that touch its border. Default 0.3.</summary>
    public double Clutter { get; init; } = 0.3;

    /// <summary>The object is mostly thin parts and gaps: a bicycle, a tree, a rope. Default 0.22.</summary>
    public double ThinParts { get; init; } = 0.22;

    /// <summary>The object, or the camera, moves while the shutter is open. Default 0.15.</summary>
    public double MotionBlur { get; init; } = 0.15;

    /// <summary>The background or the object is out of focus. Default 0.3.</summary>
    public double Defocus { get; init; } = 0.3;

    /// <summary>Stripes, checks, bricks, spots or scales, on object and background alike. Default 0.2.</summary>
    public double RepeatedTexture { get; init; } = 0.2;

    /// <summary>The background is seen through the object. Default 0.06.</summary>
    public double Translucency { get; init; } = 0.06;

    /// <summary>Marks on the object whose edges are not its border: clothing, patches, lines, shadows that fall on it. Default 0.5.</summary>
    public double InnerEdges { get; init; } = 0.5;

    /// <summary>Something in front of the object, which cuts it. Default 0.3.</summary>
    public double Occluders { get; init; } = 0.3;

    /// <summary>Others of the object's kind beside or behind it that are no part of the mask. Default 0.25.</summary>
    public double Others { get; init; } = 0.25;

    /// <summary>The object is a group: several of a kind, one mask. Default 0.1.</summary>
    public double Group { get; init; } = 0.1;

    /// <summary>Haze that takes most of the contrast. Default 0.1.</summary>
    public double LowContrast { get; init; } = 0.1;

    /// <summary>Colour fringes towards the corners. Default 0.2.</summary>
    public double ChromaticAberration { get; init; } = 0.2;

    /// <summary>Detail lost by resampling. Default 0.15.</summary>
    public double Softness { get; init; } = 0.15;

    /// <summary>Sharpening with its halos. Default 0.35.</summary>
    public double Sharpening { get; init; } = 0.35;

    /// <summary>The sensor's noise. Default 0.6.</summary>
    public double Noise { get; init; } = 0.6;

    /// <summary>JPEG's blocks and ringing. Default 0.6.</summary>
    public double Jpeg { get; init; } = 0.6;

    /// <summary>No object at all, or nothing but the object. Default 0.02.</summary>
    public double Uniform { get; init; } = 0.02;

    internal void Check(string argument)
    {
        if (Width < 1 || Height < 1 || (long)Width * Height > 1 << 26)
            throw new ArgumentException($"{argument}: scenes of {Width} x {Height} pixels were asked for; expected 1 x 1 to 67,108,864 pixels.", argument);
        foreach ((string name, double value) in Probabilities)
        {
            if (!(value >= 0 && value <= 1))
                throw new ArgumentException($"{argument}: {name} is {value}; expected a probability, 0..1.", argument);
        }
    }

    private (string Name, double Value)[] Probabilities =>
    [
        (nameof(Shadow), Shadow), (nameof(Fur), Fur), (nameof(Camouflage), Camouflage), (nameof(Clutter), Clutter), (nameof(ThinParts), ThinParts),
        (nameof(MotionBlur), MotionBlur), (nameof(Defocus), Defocus), (nameof(RepeatedTexture), RepeatedTexture),
        (nameof(Translucency), Translucency),
        (nameof(InnerEdges), InnerEdges), (nameof(Occluders), Occluders), (nameof(Others), Others), (nameof(Group), Group),
        (nameof(LowContrast), LowContrast),
        (nameof(ChromaticAberration), ChromaticAberration), (nameof(Softness), Softness), (nameof(Sharpening), Sharpening), (nameof(Noise), Noise),
        (nameof(Jpeg), Jpeg), (nameof(Uniform), Uniform),
    ];
}

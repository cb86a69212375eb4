namespace Spn;

/// <summary>What may help with an input that was refused.</summary>
public enum InputAdvice
{
    /// <summary>Nothing but another input.</summary>
    None,

    /// <summary>Raw pixels are given with <c>FromPixels</c>.</summary>
    UseFromPixels,

    /// <summary>A higher limit of pixels.</summary>
    RaisePixelLimit,

    /// <summary>Another <see cref="MaskOptions.Fit"/>, for a mask of a stretched or padded image.</summary>
    ChooseFit,

    /// <summary><see cref="MaskValues.Probabilities"/> for a mask that is nearly empty; a <see cref="LabelMap"/> for labels.</summary>
    ChooseValues,

    /// <summary>A <see cref="LabelMap"/>, because there are several labels.</summary>
    UseLabelMap,

    /// <summary><see cref="MaskOptions.Colors"/>, for a mask in colours.</summary>
    GiveMaskColors,

    /// <summary>A colour table, for labels that are shown in RGB.</summary>
    GiveLabelColors,
}

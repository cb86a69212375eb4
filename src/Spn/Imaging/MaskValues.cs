namespace Spn;

/// <summary>What the values of a mask mean.</summary>
public enum MaskValues
{
    /// <summary>
    /// Floating-point values are probabilities. The highest value of an integer mask decides: 1 means that the values are 0 and 1; at
    /// least an eighth of the type's range (32 of 255, 8192 of 65535) means probabilities from 0 to the range's maximum. A mask whose
    /// highest value lies between is refused, because labels and nearly empty masks look the same there.
    /// </summary>
    Auto,

    /// <summary>Probabilities: 0..1 in floating point, 0..255 in 8 bits, 0..65535 in 16 bits, however small the highest value is.</summary>
    Probabilities,

    /// <summary>Log-odds in floating point, of any size: the probability is 1 / (1 + exp(-value)).</summary>
    Logits,
}

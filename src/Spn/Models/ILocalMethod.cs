namespace Spn.Models;

/// <summary>A method that corrects masks near their boundaries, so that a refiner need not run it where a mask is decided.</summary>
internal interface ILocalMethod : IRefinementMethod
{
    /// <summary>How far from its boundaries, and from pixels between inside and outside, a mask is corrected, in pixels.</summary>
    /// <param name="width">Pixels per row of the image.</param>
    /// <param name="height">Rows of the image.</param>
    int Reach(int width, int height);
}

using Spn.Models;

namespace Spn.Cli.Pictures;

/// <summary>Changes nothing: its result is the coarse mask as the refiner lays it over the image, which a comparison shows.</summary>
internal sealed class CoarseMethod : IRefinementMethod
{
    public IGuidance Guide(ReadOnlySpan<float> image, int width, int height) => new Copy();

    private sealed class Copy : IGuidance
    {
        public void Propagate(ReadOnlySpan<float> masks, Span<float> refined) => masks.CopyTo(refined);

        public void Dispose()
        {
        }
    }
}

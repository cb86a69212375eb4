using Spn.Server.Endpoints;
using Spn.Server.Requests;

namespace Spn.Server.OpenApi;

/// <summary>What OpenAPI says of an endpoint.</summary>
/// <param name="Summary">What it does.</param>
/// <param name="Result">What the picture in its answer is.</param>
/// <param name="Fields">The request's fields.</param>
/// <param name="HasReport">Whether the answer may be JSON with a report.</param>
internal sealed record Operation(string Summary, string Result, Field[] Fields, bool HasReport = false)
{
    public static readonly Operation Refine = new(
        "Refine a coarse mask so that it follows the edges of its image.", "The refined mask at the size of the image, 8-bit grey.",
        RefineEndpoint.Fields, HasReport: true);

    public static readonly Operation CutOut = new(
        "Refine a coarse mask and cut its object out of the image.",
        "The object at the size of the image, with transparency and without a fringe of the old background.", CutOutEndpoint.Fields);

    public static readonly Operation Labels = new(
        "Refine all labels of a label map together.", "The refined label map at the size of the image, with the palette it came with.",
        LabelsEndpoint.Fields, HasReport: true);

    public static readonly Operation Affinity = new(
        "Show how much of a mask at one pixel reaches every other pixel.", "The affinity relative to the highest, 8-bit grey.",
        AffinityEndpoint.Fields);
}

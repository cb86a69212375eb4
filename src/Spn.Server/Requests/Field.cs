namespace Spn.Server.Requests;

/// <summary>A field of a request: a file, or an option in the form or the query.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it means, for OpenAPI.</param>
internal sealed record Field(string Name, string Description)
{
    public static readonly Field Image = new("image", "The image: a PNG, JPEG, WebP, GIF or BMP file. EXIF orientation is applied.")
    {
        IsFile = true,
    };

    public static readonly Field Mask = new("mask", "The coarse mask, a file. It may be smaller than the image.") { IsFile = true };

    public static readonly Field Labels = new(
        "labels", "The coarse label map: a PNG with one label per palette index or grey value, in the proportions of the image.")
    {
        IsFile = true,
    };

    /// <summary>Its values are the names of the served models.</summary>
    public static readonly Field Model = new(
        "model", "The model. quality has slightly better boundaries than fast and takes about five times as long.");

    public static readonly Field Hard = new("hard", "Whether the mask becomes black and white only.") { Values = ["false", "true"] };

    public static readonly Field Limit = new("limit", "Whether nothing may change that is far from the coarse mask's boundary.")
    {
        Values = ["false", "true"],
    };

    public static readonly Field Fit = new("fit", "What a mask of other proportions than the image covers.")
    {
        Values = ["proportional", "stretch", "letterbox", "letterbox-top-left"],
    };

    public static readonly Field MaskValues = new(
        "values", "The meaning of the mask's values; probabilities for a mask that is nearly empty. auto also reads zeros and ones.")
    {
        Values = ["auto", "probabilities"],
    };

    public static readonly Field X = new("x", "The column of a pixel, 0 at the left.") { IsNumber = true };

    public static readonly Field Y = new("y", "The row of a pixel, 0 at the top.") { IsNumber = true };

    /// <summary>Whether it is a file, which every request must have.</summary>
    public bool IsFile { get; private init; }

    /// <summary>Whether it is a whole number, which every request must have.</summary>
    public bool IsNumber { get; private init; }

    /// <summary>What an option may be; the first is the default.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];
}

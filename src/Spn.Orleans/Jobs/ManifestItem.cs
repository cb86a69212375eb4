using System.Text.Json;
using Spn.Orleans.Storage;

namespace Spn.Orleans.Jobs;

/// <summary>One line of a manifest: an image, its coarse mask, and the file of the refined mask, a PNG.</summary>
/// <param name="Image">The image's path in the storage.</param>
/// <param name="Mask">The mask's path in the storage.</param>
/// <param name="Output">The path of the refined mask in the storage.</param>
internal sealed record ManifestItem(string Image, string Mask, string Output)
{
    /// <summary>Reads a line of JSON. Other properties are ignored, so that lines of results are a manifest as well.</summary>
    /// <param name="line">The line.</param>
    /// <param name="number">Its number in the manifest, from 1.</param>
    /// <exception cref="InvalidDataException">The line is something else.</exception>
    public static ManifestItem Parse(string line, long number)
    {
        try
        {
            ManifestItem? item = JsonSerializer.Deserialize(line, JobJson.Default.ManifestItem);
            if (item is not { Image: not null, Mask: not null, Output: not null })
                throw new InvalidDataException($"Line {number} of the manifest: expected the properties image, mask and output.");
            ManifestItem normalized = new(
                StoragePath.Normalize(item.Image), StoragePath.Normalize(item.Mask), StoragePath.Normalize(item.Output));
            if (!normalized.Output.EndsWith(".png", StringComparison.OrdinalIgnoreCase))
            {
                throw new InvalidDataException(
                    $"Line {number} of the manifest: expected an output that ends with .png, got '{item.Output}'.");
            }
            return normalized;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"Line {number} of the manifest: expected {{\"image\": ..., \"mask\": ..., \"output\": ...}}, got: {e.Message}", e);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"Line {number} of the manifest: {e.Message}", e);
        }
    }
}

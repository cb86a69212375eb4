using System.Text.Json;

namespace Spn.Orleans.Tests.Cluster;

/// <summary>Manifests for tests.</summary>
internal static class Manifests
{
    /// <summary>Names of images that only a fake refiner can refine.</summary>
    public static string Of(TemporaryFolder folder, int items)
        => Write(folder, Enumerable.Range(0, items).Select(i => ($"image{i}.jpg", $"mask{i}.png", $"refined/{i}.png")));

    /// <summary>Small photos and masks, in the folder.</summary>
    public static string OfScenes(TemporaryFolder folder, int items)
    {
        for (int i = 0; i < items; i++)
        {
            folder.File($"images/{i}.jpg", Scene.Photo(36 + i % 24));
            folder.File($"masks/{i}.png", Scene.Mask(36 + i % 24));
        }
        return Write(folder, Enumerable.Range(0, items).Select(i => ($"images/{i}.jpg", $"masks/{i}.png", $"refined/{i}.png")));
    }

    public static string Write(TemporaryFolder folder, IEnumerable<(string Image, string Mask, string Output)> items)
    {
        string path = folder.File("manifest.jsonl");
        File.WriteAllLines(
            path,
            items.Select(item => JsonSerializer.Serialize(new { image = item.Image, mask = item.Mask, output = item.Output })));
        return path;
    }
}

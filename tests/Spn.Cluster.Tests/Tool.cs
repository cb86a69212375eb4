using System.Text.Json;

namespace Spn.Cluster.Tests;

/// <summary>The built <c>spn-cluster</c>, and manifests of small scenes for it.</summary>
internal static class Tool
{
    private static string Program
    {
        get
        {
            DirectoryInfo framework = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
            return Path.Combine(Repository.Root(), "src", "Spn.Cluster", "bin", framework.Parent!.Name, framework.Name, "Spn.Cluster.dll");
        }
    }

    public static SpnProcess Start(TemporaryFolder folder, params string[] arguments)
        => SpnProcess.StartProgram(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", folder, [Program, .. arguments]);

    public static async Task<SpnProcess.Result> Run(TemporaryFolder folder, params string[] arguments)
    {
        using SpnProcess process = Start(folder, arguments);
        return await process.EndAsync();
    }

    /// <summary>Writes scenes and <c>manifest.jsonl</c>.</summary>
    /// <param name="folder">The folder of the job's files.</param>
    /// <param name="items">The number of masks.</param>
    /// <param name="side">Larger photos: 1 is 96 x 64.</param>
    public static void WriteScenes(TemporaryFolder folder, int items, int side = 1)
    {
        for (int i = 0; i < items; i++)
        {
            folder.File($"images/{i}.jpg", Scene.Photo(Column(i), side));
            folder.File($"masks/{i}.png", Scene.Mask(Column(i), side));
        }
        File.WriteAllLines(
            folder.File("manifest.jsonl"),
            Enumerable.Range(0, items).Select(
                i => JsonSerializer.Serialize(new { image = $"images/{i}.jpg", mask = $"masks/{i}.png", output = $"refined/{i}.png" })));
    }

    /// <summary>The disc's column in the scene of an item.</summary>
    public static int Column(int item) => 30 + item % 36;
}

using System.Text.Json;
using Xunit;

namespace Spn.Cluster.Tests;

/// <summary>The built <c>spn-cluster</c>, and manifests of small scenes for it.</summary>
internal static class Tool
{
    private const int Scenes = 12;

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

    /// <summary>Starts the tool with variables of the environment, given as <c>NAME=value</c>.</summary>
    public static SpnProcess Start(TemporaryFolder folder, string[] environment, string[] arguments)
        => environment.Length == 0 ? Start(folder, arguments) : SpnProcess.StartProgram(
            "env", folder, [.. environment, Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", Program, .. arguments]);

    public static async Task<SpnProcess.Result> Run(TemporaryFolder folder, params string[] arguments)
    {
        using SpnProcess process = Start(folder, arguments);
        return await process.EndAsync();
    }

    /// <summary>Runs a command on a cluster, again while no silo is there to answer it.</summary>
    /// <returns>Standard output.</returns>
    public static async Task<string> Ask(TemporaryFolder folder, PostgresServer server, params string[] arguments)
    {
        for (int attempt = 0; ; attempt++)
        {
            SpnProcess.Result result = await Run(folder, [.. arguments, "--database", server.Connection]);
            if (result.ExitCode == 0 || (arguments.Contains("--watch") && result.Text.StartsWith("Finished", StringComparison.Ordinal)))
                return result.Text;
            Assert.True(attempt < 20, result.ToString());
            await Task.Delay(1000);
        }
    }

    /// <summary>Writes scenes and <c>manifest.jsonl</c>.</summary>
    /// <param name="folder">The folder of the job's files.</param>
    /// <param name="items">The number of masks.</param>
    /// <param name="side">Larger photos: 1 is 96 x 64.</param>
    public static void WriteScenes(TemporaryFolder folder, int items, int side = 1)
    {
        (byte[] Photo, byte[] Mask)[] scenes = [.. Enumerable.Range(0, Math.Min(items, Scenes)).Select(
            i => (Scene.Photo(Column(i), side), Scene.Mask(Column(i), side)))];
        for (int i = 0; i < items; i++)
        {
            folder.File($"images/{i}.jpg", scenes[i % Scenes].Photo);
            folder.File($"masks/{i}.png", scenes[i % Scenes].Mask);
        }
        File.WriteAllLines(
            folder.File("manifest.jsonl"),
            Enumerable.Range(0, items).Select(
                i => JsonSerializer.Serialize(new { image = $"images/{i}.jpg", mask = $"masks/{i}.png", output = $"refined/{i}.png" })));
    }

    // The disc's column in the scene of an item.
    private static int Column(int item) => 30 + item * 3;
}

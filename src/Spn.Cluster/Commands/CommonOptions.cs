using System.CommandLine;
using Spn.Cluster.Hosting;
using Spn.Orleans;

namespace Spn.Cluster.Commands;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    private const string DatabaseVariable = "SPN_DATABASE";

    public static Option<string> Root() => new("--root")
    {
        Description = "The folder that the manifest's paths are relative to, the same files on every machine. Default: this folder.",
        HelpName = "FOLDER",
        DefaultValueFactory = _ => ".",
    };

    public static Option<string?> Database() => new("--database")
    {
        Description = $"The connection string of a PostgreSQL database of its own. Default: the variable {DatabaseVariable}.",
        HelpName = "TEXT",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(DatabaseVariable),
    };

    public static Option<string> Cluster() => new("--cluster")
    {
        Description = "The cluster's name, for several clusters with one database.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "spn",
    };

    public static Option<int?> Jobs() => new("--jobs", "-j")
    {
        Description = "How many masks this machine refines at a time. Fewer need less memory. Default: one per processor.",
        HelpName = "N",
    };

    /// <exception cref="UsageException">There is no such folder.</exception>
    public static LocalStorage Storage(this ParseResult line, Option<string> root)
    {
        try
        {
            return new LocalStorage(line.GetRequiredValue(root));
        }
        catch (DirectoryNotFoundException e)
        {
            throw new UsageException($"--root: {e.Message}", e);
        }
    }

    /// <exception cref="UsageException">No database is named.</exception>
    public static Database Database(this ParseResult line, Option<string?> database)
        => line.GetValue(database) is { Length: > 0 } connection
            ? new Database(connection)
            : throw new UsageException($"Name a database with --database or the variable {DatabaseVariable}.");

    /// <exception cref="UsageException">The number is too small.</exception>
    public static int? Jobs(this ParseResult line, Option<int?> jobs)
        => line.GetValue(jobs) is int count and < 1
            ? throw new UsageException($"--jobs: expected 1 or more, got {count}.")
            : line.GetValue(jobs);
}

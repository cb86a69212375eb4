using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Spn.Cluster.Tests;

/// <summary>A PostgreSQL server of a test, from the programs of Debian's package.</summary>
internal sealed class PostgresServer
{
    private readonly string _programs;
    private readonly string _folder;
    private readonly int _port = FreePort();

    private PostgresServer(string programs, string folder) => (_programs, _folder) = (programs, folder);

    public string Connection => $"Host=127.0.0.1;Port={_port};Database=postgres;Username=postgres;Timeout=5;Command Timeout=10";

    /// <summary>Starts a server; the test is skipped if there is none on this machine.</summary>
    public static async Task<PostgresServer> StartAsync(TemporaryFolder folder)
    {
        string? programs = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Select(version => $"{version}/bin")
                .LastOrDefault(bin => File.Exists($"{bin}/initdb"))
            : null;
        Assert.SkipWhen(programs is null, "PostgreSQL is not installed (Debian's package postgresql).");
        string own = Directory.CreateDirectory(folder.File("postgres")).FullName;
        // The server refuses to run as root, and the user postgres must reach its folder.
        await ChildProcess.Run("chmod", ["a+rwx", folder.Path, own], own);
        PostgresServer server = new(programs!, own);
        await server.RunAsync(
            "initdb", "-D", $"{own}/data", "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C");
        await server.StartAsync();
        return server;
    }

    public Task StartAsync()
        => RunAsync(
            "pg_ctl", "-D", $"{_folder}/data", "-w", "-t", "120", "-l", $"{_folder}/log", "-o",
            $"-c listen_addresses=127.0.0.1 -c port={_port} -c unix_socket_directories={_folder}", "start");

    /// <summary>Ends all connections without a goodbye.</summary>
    public Task CutAsync() => RunAsync("pg_ctl", "-D", $"{_folder}/data", "-m", "immediate", "-w", "-t", "120", "stop");

    private async Task RunAsync(string program, params string[] arguments)
    {
        string path = $"{_programs}/{program}";
        ChildProcess result = Environment.IsPrivilegedProcess
            ? await ChildProcess.Run("runuser", ["-u", "postgres", "--", path, .. arguments], _folder)
            : await ChildProcess.Run(path, arguments, _folder);
        Assert.True(result.ExitCode == 0, $"{program}: {result.Output}");
    }

    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

using System.Globalization;

namespace Spn.Cluster.Tests;

/// <summary>A silo as a process, which comes back with the same ports after it was killed.</summary>
internal sealed class Member(TemporaryFolder folder, string connection)
{
    private readonly string _port = PostgresServer.FreePort().ToString(CultureInfo.InvariantCulture);
    private readonly string _gatewayPort = PostgresServer.FreePort().ToString(CultureInfo.InvariantCulture);
    private SpnProcess? _process;

    /// <summary>Variables of its environment, as <c>NAME=value</c>.</summary>
    public string[] Environment { get; init; } = [];

    public bool HasEnded => _process is null or { HasEnded: true };

    public void Start(params string[] options)
    {
        Kill();
        _process = Tool.Start(
            folder, Environment,
            ["start", "--database", connection, "-j", "1", "--address", "127.0.0.1", "--port", _port, "--gateway-port", _gatewayPort,
                .. options]);
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _process?.Dispose();
        _process = null;
    }
}

using Npgsql;
using Orleans.Configuration;
using Orleans.Hosting;
using Spn.Orleans;

namespace Spn.Cluster.Hosting;

/// <summary>The PostgreSQL database of a cluster, which holds its members and the states of its jobs.</summary>
internal sealed class Database
{
    private const string Provider = "Npgsql";

    // Any number will do that others do not use: silos that start together prepare the database one after another.
    private const long Lock = 0x53706E436C7573;

    private readonly string _connection;

    /// <exception cref="UsageException">The text is no connection string.</exception>
    public Database(string connection)
    {
        try
        {
            // Orleans' times are UTC.
            _connection = new NpgsqlConnectionStringBuilder(connection) { Timezone = "UTC" }.ConnectionString;
        }
        catch (ArgumentException e)
        {
            throw new UsageException(
                $"--database: expected a connection string such as 'Host=db;Database=spn;Username=spn'. {e.Message}", e);
        }
    }

    /// <summary>Creates the tables unless they are there.</summary>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        using Stream script = typeof(Database).Assembly.GetManifestResourceStream("postgresql.sql")!;
        using StreamReader reader = new(script);
        string statements = await reader.ReadToEndAsync(cancellation).ConfigureAwait(false);
        await using NpgsqlConnection connection = new(_connection);
        await connection.OpenAsync(cancellation).ConfigureAwait(false);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await using NpgsqlCommand command = new(
            $"SELECT pg_advisory_xact_lock({Lock});\n{statements}", connection, transaction);
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
    }

    public void AddTo(ISiloBuilder silo)
    {
        silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Provider, _connection));
        silo.AddAdoNetGrainStorage(
            RefineJobs.GrainStorageName,
            (AdoNetGrainStorageOptions options) => (options.Invariant, options.ConnectionString) = (Provider, _connection));
    }

    public void AddTo(IClientBuilder client)
        => client.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Provider, _connection));
}

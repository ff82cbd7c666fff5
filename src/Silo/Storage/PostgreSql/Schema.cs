using Npgsql;

namespace Switchboard.Silo.Storage.PostgreSql;

/// <summary>
/// The tables in PostgreSQL, by version. The database names its own version and the oldest program that may run on it, so that a cluster
/// can be rolled to a newer program and back: migrate first, then replace the programs one after another.
/// </summary>
/// <remarks>
/// To add a version: <c>V2.sql</c> beside <c>V1.sql</c>, and its line in <see cref="_versions"/>. While the programs of the version before
/// can still run on it, <see cref="SchemaStep.OldestProgram"/> stays theirs.
/// </remarks>
internal static class Schema
{
    /// <summary>The version that this program is made for.</summary>
    public const int Current = 1;

    /// <summary>One at a time may migrate; any number that nobody else uses.</summary>
    private const long MigrationLock = 0x5377_6974_6368;

    private static readonly SchemaStep[] _versions = [new(Version: 1, OldestProgram: 1)];

    /// <summary>Returns why this program cannot run on the database; null: it can.</summary>
    /// <exception cref="NpgsqlException">The database cannot be reached, or refuses.</exception>
    public static async Task<string?> ProblemAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await ReadAsync(connection, cancellationToken) switch
        {
            null => "The database has no tables of Switchboard's yet. Run the program once with --migrate.",
            { Version: < Current } old =>
                $"The database's schema has version {old.Version}; this program needs {Current}. Run the program once with --migrate.",
            { OldestProgram: > Current } newer => newer.TooNew($"The database's schema has version {newer.Version}", Current),
            _ => null,
        };
    }

    /// <summary>Brings the database to this program's version, in one transaction; does nothing where it is there or beyond.</summary>
    /// <returns>The version before, 0 for none, and after.</returns>
    /// <exception cref="NpgsqlException">The database cannot be reached, or refuses; it is as it was.</exception>
    public static async Task<(int Before, int After)> MigrateAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Held to the end of the transaction. Of two that migrate at once the second finds the work done.
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({MigrationLock})", cancellationToken);
        var before = (await ReadAsync(connection, cancellationToken))?.Version ?? 0;
        if (before == 0)
        {
            await ExecuteAsync(connection, "CREATE TABLE switchboard_schema (version integer NOT NULL, oldest_program integer NOT NULL)", cancellationToken);
            await ExecuteAsync(connection, "INSERT INTO switchboard_schema VALUES (0, 0)", cancellationToken);
        }

        foreach (var step in _versions.Where(step => step.Version > before))
        {
            await ExecuteAsync(connection, step.Script(typeof(Schema)), cancellationToken);
            await ExecuteAsync(
                connection, $"UPDATE switchboard_schema SET version = {step.Version}, oldest_program = {step.OldestProgram}", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return (before, Math.Max(before, Current));
    }

    private static async Task<SchemaStep?> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand("SELECT to_regclass('switchboard_schema') IS NOT NULL", connection);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return null;
        }

        await using var read = new NpgsqlCommand("SELECT version, oldest_program FROM switchboard_schema", connection);
        await using var rows = await read.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken) ? new SchemaStep(rows.GetInt32(0), rows.GetInt32(1)) : null;
    }

    // The scripts hold @names of Orleans' parameters inside texts; without parameters Npgsql would not look at them, and simple it is.
    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlCommand(sql, connection);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}

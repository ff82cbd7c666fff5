using Microsoft.Data.Sqlite;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>
/// The tables in the file, by version. The file names its own version and the oldest program that may run on it, so that an installation
/// can go back to the program before. Brought up to date at each start.
/// </summary>
/// <remarks>
/// To add a version: <c>V2.sql</c> beside <c>V1.sql</c>, and its line in <see cref="_versions"/>. While the programs of the version before
/// can still run on it, <see cref="SchemaStep.OldestProgram"/> stays theirs.
/// </remarks>
internal static class SqliteSchema
{
    /// <summary>The version that this program is made for.</summary>
    public const int Current = 1;

    private static readonly SchemaStep[] _versions = [new(Version: 1, OldestProgram: 1)];

    /// <summary>Returns why this program cannot run on the file, without a change to it; null: it can, perhaps after <see cref="Migrate"/>.</summary>
    /// <param name="connection">A connection to it.</param>
    /// <param name="path">Its path, for the message.</param>
    public static string? Problem(SqliteConnection connection, string path) => Read(connection) switch
    {
        null when Count(connection, "SELECT count(*) FROM sqlite_schema") > 0 =>
            $"'{path}' holds tables of another program, and none of Switchboard's.",
        { OldestProgram: > Current } newer => newer.TooNew($"'{path}' has a schema of version {newer.Version}", Current),
        _ => null,
    };

    /// <summary>Brings the file to this program's version, in one transaction; does nothing where it is there or beyond.</summary>
    /// <returns>The version before, 0 for none, and after.</returns>
    public static (int Before, int After) Migrate(SqliteConnection connection)
    {
        connection.Execute("BEGIN IMMEDIATE");
        try
        {
            var before = Read(connection)?.Version ?? 0;
            if (before == 0)
            {
                connection.Execute("CREATE TABLE switchboard_schema (version INTEGER NOT NULL, oldest_program INTEGER NOT NULL) STRICT");
                connection.Execute("INSERT INTO switchboard_schema VALUES (0, 0)");
            }

            foreach (var step in _versions.Where(step => step.Version > before))
            {
                using (var script = connection.CreateCommand())
                {
                    script.CommandText = step.Script(typeof(SqliteSchema));
                    script.ExecuteNonQuery();
                }

                connection.Execute(
                    "UPDATE switchboard_schema SET version = $version, oldest_program = $oldest", ("$version", step.Version), ("$oldest", step.OldestProgram));
            }

            connection.Execute("COMMIT");
            return (before, Math.Max(before, Current));
        }
        catch
        {
            if (((StoredConnection)connection).InTransaction)
            {
                connection.Execute("ROLLBACK");
            }

            throw;
        }
    }

    private static SchemaStep? Read(SqliteConnection connection)
    {
        if (Count(connection, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'switchboard_schema'") == 0)
        {
            return null;
        }

        using var rows = connection.Statement("SELECT version, oldest_program FROM switchboard_schema").ExecuteReader();
        return rows.Read() ? new SchemaStep(rows.GetInt32(0), rows.GetInt32(1)) : null;
    }

    private static long Count(SqliteConnection connection, string sql) => (long)connection.Statement(sql).ExecuteScalar()!;
}

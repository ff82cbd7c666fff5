using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>
/// A connection of one thread. It keeps its statements prepared, and does its own BEGIN and COMMIT: transactions of the driver are an
/// object for each, and its commands would have to name it.
/// </summary>
internal sealed class StoredConnection : SqliteConnection
{
    // Statements are constants of the code, so that this is a cap that only a mistake meets.
    private const int MaxStatements = 256;

    // The log is emptied into the file when it is this long, in pages of 4 KiB.
    private const int CheckpointPages = 4_000;

    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    private StoredConnection(string connectionString)
        : base(connectionString)
    {
    }

    /// <summary>Gets whether a transaction is open. SQLite itself ends one after some errors, as of a full disk.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(Handle) == 0;

    /// <summary>Opens the one connection that writes; the file is made if it is not there.</summary>
    public static StoredConnection OpenWriter(string path)
    {
        var connection = Open(path, SqliteOpenMode.ReadWriteCreate);
        try
        {
            // Before the first table: only then may the file be told to give pages back.
            connection.Run("PRAGMA auto_vacuum = INCREMENTAL");
            if (connection.Prepare("PRAGMA journal_mode = WAL").ExecuteScalar() is not "wal")
            {
                throw new StorageUnusableException($"'{path}' is on a file system that cannot share memory, which its log needs.");
            }

            connection.Run("PRAGMA synchronous = FULL");
            connection.Run($"PRAGMA wal_autocheckpoint = {CheckpointPages}");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection that reads only.</summary>
    public static StoredConnection OpenReader(string path) => Open(path, SqliteOpenMode.ReadOnly);

    /// <summary>Returns the statement, prepared once for this connection, without parameters. It is not to be disposed of.</summary>
    public SqliteCommand Prepare(string sql)
    {
        if (_prepared.TryGetValue(sql, out var command))
        {
            command.Parameters.Clear();
            return command;
        }

        if (_prepared.Count == MaxStatements)
        {
            throw new InvalidOperationException($"More than {MaxStatements} different statements: values belong into parameters.");
        }

        command = CreateCommand();
        command.CommandText = sql;
        _prepared.Add(sql, command);
        return command;
    }

    /// <summary>Runs a statement that returns nothing.</summary>
    public void Run(string sql) => Prepare(sql).ExecuteNonQuery();

    /// <inheritdoc />
    public override void Close()
    {
        foreach (var command in _prepared.Values)
        {
            command.Dispose();
        }

        _prepared.Clear();
        base.Close();
    }

    private static StoredConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new StoredConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            ForeignKeys = true,
            Pooling = false,
            // How long it waits for a program that has the file locked, an operator's for example, in seconds.
            DefaultTimeout = 5,
        }.ConnectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}

/// <summary>Short forms for work on a connection of the database.</summary>
internal static class SqliteStatements
{
    /// <summary>Returns the statement, prepared once for each connection, with these parameters. It is not to be disposed of.</summary>
    /// <param name="connection">The connection that the work was given.</param>
    /// <param name="sql">A constant; values are parameters.</param>
    /// <param name="parameters">Names with their sign, as <c>$id</c>, and values; null is NULL.</param>
    public static SqliteCommand Statement(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = ((StoredConnection)connection).Prepare(sql);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }

    /// <summary>Runs a statement and returns how many rows it changed.</summary>
    public static int Execute(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
        => connection.Statement(sql, parameters).ExecuteNonQuery();
}

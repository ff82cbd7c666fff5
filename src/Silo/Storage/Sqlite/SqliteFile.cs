using Microsoft.Data.Sqlite;
using SQLitePCL;
using Switchboard.Abstractions.Durable;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>
/// Opens the file for this process alone, and looks at it before anything in it is changed. SQLite's own locks would let a second process
/// in, and two would each believe that every grain is theirs.
/// </summary>
internal sealed class SqliteFile : IDisposable
{
    private readonly FileStream _lock;

    private SqliteFile(FileStream exclusive, StoredConnection connection, (int Before, int After) versions) =>
        (_lock, Connection, Versions) = (exclusive, connection, versions);

    /// <summary>Gets the connection that writes; it is the caller's to close.</summary>
    public StoredConnection Connection { get; }

    /// <summary>Gets the schema's version when it was opened, 0 for none, and now.</summary>
    public (int Before, int After) Versions { get; }

    /// <summary>Opens it.</summary>
    /// <exception cref="StorageUnavailableException">It cannot be used; the message is one sentence, and the file was left as it was.</exception>
    public static SqliteFile Open(SqliteDatabaseOptions options, TimeProvider time)
    {
        var exclusive = Lock(options.Path);
        StoredConnection? connection = null;
        try
        {
            if (File.Exists(options.Path))
            {
                LookAt(options, time);
            }

            connection = StoredConnection.OpenWriter(options.Path);
            return new SqliteFile(exclusive, connection, SqliteSchema.Migrate(connection));
        }
        catch (Exception e)
        {
            connection?.Dispose();
            exclusive.Dispose();
            throw SqliteErrors.Translate(e, options.Path) switch
            {
                StorageUnavailableException told => told,
                SqliteException other => new StorageUnusableException($"'{options.Path}' cannot be used: {other.Message}", other),
                var other => other,
            };
        }
    }

    /// <summary>Lets other processes in. The lock's file stays: to delete it would let two of them hold one each.</summary>
    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsHeldByAnother(e))
        {
            throw new StorageUnusableException($"'{path}' is open in another process; each needs a file of its own.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageUnusableException($"'{path}' cannot be opened: {e.Message}", e);
        }
    }

    // The system's own code: EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION.
    private static bool IsHeldByAnother(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x8007_0020);

    // With a connection that cannot write: what is damaged, newer or somebody else's stays as it is.
    private static void LookAt(SqliteDatabaseOptions options, TimeProvider time)
    {
        // The last connection that closes takes the log away.
        var wasClosed = !File.Exists(options.Path + "-wal");
        using var connection = StoredConnection.OpenReader(options.Path);
        if (SqliteSchema.Problem(connection, options.Path) is { } problem)
        {
            throw new StorageUnusableException(problem);
        }

        if (!wasClosed && Damage(connection, options.CheckTime, time) is { } damage)
        {
            throw new StorageDamagedException($"'{options.Path}' is damaged ({damage})");
        }
    }

    private static string? Damage(StoredConnection connection, TimeSpan bound, TimeProvider time)
    {
        var began = time.GetTimestamp();
        // Asked each so many pages, or steps of SQLite's machine; anything but 0 interrupts it.
        raw.sqlite3_progress_handler(connection.Handle, 100, _ => time.GetElapsedTime(began) > bound ? 1 : 0, null);
        try
        {
            return connection.Statement("PRAGMA quick_check(1)").ExecuteScalar() is string result and not "ok" ? result.ReplaceLineEndings(" ") : null;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            return null;
        }
    }
}

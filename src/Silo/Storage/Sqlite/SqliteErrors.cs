using Microsoft.Data.Sqlite;
using Switchboard.Abstractions.Durable;
using Switchboard.Api.Startup;
using static SQLitePCL.raw;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>Translates SQLite's errors to those that callers tell apart.</summary>
internal static class SqliteErrors
{
    /// <summary>Says what is wrong in one line, with the setting that names the file.</summary>
    public static string Describe(StorageUnavailableException error) => $"{error.Message} ({StorageOptions.SectionName}:{nameof(StorageOptions.Path)})";

    /// <summary>
    /// Returns what a caller gets: a typed error for what is wrong with disk or file, and the exception itself for what the work did (a
    /// broken constraint, an error of its own).
    /// </summary>
    public static Exception Translate(Exception error, string path) => error is not SqliteException sqlite
        ? error
        : sqlite.SqliteErrorCode switch
        {
            SQLITE_FULL => new StorageFullException($"'{path}' cannot grow: the disk is full.", sqlite),
            SQLITE_CORRUPT => new StorageDamagedException($"'{path}' is damaged ({sqlite.Message})", sqlite),
            SQLITE_NOTADB => new StorageDamagedException($"'{path}' is no database of SQLite, or its beginning is damaged.", sqlite),
            SQLITE_IOERR or SQLITE_CANTOPEN or SQLITE_READONLY or SQLITE_PERM or SQLITE_AUTH or SQLITE_NOLFS or SQLITE_PROTOCOL =>
                new StorageUnavailableException($"'{path}' cannot be read or written ({sqlite.Message}, {sqlite.SqliteExtendedErrorCode})", sqlite),
            SQLITE_BUSY => new StorageUnavailableException($"'{path}' is locked by another program that has opened it.", sqlite),
            _ => sqlite,
        };
}

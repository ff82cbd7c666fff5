using System.Net.Sockets;
using Npgsql;
using Switchboard.Abstractions.Durable;

namespace Switchboard.Api.Durable.PostgreSql;

/// <summary>Tells errors of the database from others, in the words of <see cref="IRequestLog"/>.</summary>
internal static class StorageErrors
{
    /// <summary>Returns whether the database, the way to it, or its time is what failed.</summary>
    public static bool Are(Exception error) =>
        error is NpgsqlException or TimeoutException or IOException or SocketException or OperationCanceledException or ObjectDisposedException;

    /// <summary>Returns what the callers of a log are told.</summary>
    public static StorageUnavailableException Describe(Exception error) => error switch
    {
        StorageUnavailableException known => known,
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => new StorageFullException("The database's disk is full.", error),
        OperationCanceledException or TimeoutException => new StorageUnavailableException("The database did not reply in time.", error),
        _ => new StorageUnavailableException("The database could not be asked.", error),
    };
}

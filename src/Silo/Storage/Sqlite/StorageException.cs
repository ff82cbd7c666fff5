namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>
/// Says in one sentence why the storage could not do what was asked. After a failed write the outcome is unknown until it is read again:
/// what a disk refused to confirm may still be there after a crash.
/// </summary>
internal class StorageException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The disk, or what the file may take of it, is full.</summary>
internal sealed class StorageFullException(string message, Exception? inner = null) : StorageException(message, inner);

/// <summary>The file is damaged, or is no database.</summary>
internal sealed class StorageDamagedException(string message, Exception? inner = null) : StorageException(message, inner);

/// <summary>More work waits than may: nothing of this one was begun.</summary>
internal sealed class StorageOverloadedException(string message) : StorageException(message);

/// <summary>The file cannot be used by this program or at this moment; it was left as it was.</summary>
internal sealed class StorageUnusableException(string message, Exception? inner = null) : StorageException(message, inner);

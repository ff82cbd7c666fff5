using Switchboard.Abstractions.Durable;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>The file is damaged, or is no database.</summary>
internal sealed class StorageDamagedException(string message, Exception? inner = null) : StorageUnavailableException(message, inner);

/// <summary>More work waits than may: nothing of this one was begun.</summary>
internal sealed class StorageOverloadedException(string message) : StorageUnavailableException(message);

/// <summary>The file cannot be used by this program or at this moment; it was left as it was.</summary>
internal sealed class StorageUnusableException(string message, Exception? inner = null) : StorageUnavailableException(message, inner);

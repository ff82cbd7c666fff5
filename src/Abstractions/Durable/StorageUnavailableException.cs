namespace Switchboard.Abstractions.Durable;

/// <summary>
/// The exception that is thrown where the storage cannot be asked, or does not reply in time. A change may have been made or not.
/// </summary>
public class StorageUnavailableException : Exception
{
    /// <inheritdoc />
    public StorageUnavailableException()
    {
    }

    /// <inheritdoc />
    public StorageUnavailableException(string message)
        : base(message)
    {
    }

    /// <inheritdoc />
    public StorageUnavailableException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}

/// <summary>The exception that is thrown where the storage has no room left: nothing of the change was made.</summary>
public sealed class StorageFullException : StorageUnavailableException
{
    /// <inheritdoc />
    public StorageFullException()
    {
    }

    /// <inheritdoc />
    public StorageFullException(string message)
        : base(message)
    {
    }

    /// <inheritdoc />
    public StorageFullException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>The file, and the bounds of what waits for it.</summary>
internal sealed record SqliteDatabaseOptions
{
    /// <summary>The file's path. Beside it are its log (<c>-wal</c>, <c>-shm</c>) and <c>.lock</c>.</summary>
    public required string Path { get; init; }

    /// <summary>How many writes, and how many reads, may wait.</summary>
    public int QueueCapacity { get; init; } = 10_000;

    /// <summary>How many bytes the waiting writes may carry, by what they say of themselves.</summary>
    public long QueueCapacityBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>The most writes of one transaction.</summary>
    public int MaxWritesPerCommit { get; init; } = 1_024;

    /// <summary>The bytes after which a transaction takes no further write.</summary>
    public long MaxBytesPerCommit { get; init; } = 16 * 1024 * 1024;

    /// <summary>The number of connections, and threads, that read.</summary>
    public int Readers { get; init; } = 2;

    /// <summary>
    /// The length of the log past which reads are held up until it is empty. Below that it is emptied beside the reads, which succeeds only
    /// in a moment without one.
    /// </summary>
    public long MaxLogBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long the check of a file that was not closed may take; what is not checked by then is taken for sound.</summary>
    public TimeSpan CheckTime { get; init; } = TimeSpan.FromSeconds(10);
}

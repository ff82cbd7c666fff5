namespace Switchboard.Core.Admission;

/// <summary>
/// Computes how many network connections a process may take under its limit of open files (<c>RLIMIT_NOFILE</c>). A process that is at
/// its limit cannot accept, and the accept loop that fails without end is worse than a refused connection.
/// </summary>
public static class OpenFileBudget
{
    /// <summary>
    /// Files kept free at least: for a database, log files, the silo's own connections and what the runtime opens by itself.
    /// </summary>
    public const int LeastReserve = 128;

    /// <summary>The fewest connections that a front door is of use with.</summary>
    public const int LeastConnections = 16;

    /// <summary>
    /// Returns the most connections that fit: the limit, less what is open, less a sixteenth of the limit (at least <see cref="LeastReserve"/>).
    /// </summary>
    /// <param name="limit">The process's limit of open files.</param>
    /// <param name="open">How many files are open before the first connection.</param>
    /// <returns>A number of connections; below <see cref="LeastConnections"/> the limit is too low to serve under.</returns>
    public static int Connections(long limit, int open)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        ArgumentOutOfRangeException.ThrowIfNegative(open);
        var reserve = Math.Max(LeastReserve, limit / 16);
        return (int)Math.Clamp(limit - open - reserve, 0, int.MaxValue);
    }
}

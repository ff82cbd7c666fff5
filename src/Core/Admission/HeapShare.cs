namespace Switchboard.Core.Admission;

/// <summary>
/// Limits a budget of bytes to a share of the memory that a process may use. A budget that is set for a large machine must not end a
/// process in a small container: beyond its budget a process rejects work, beyond its memory it is killed.
/// </summary>
public static class HeapShare
{
    /// <summary>
    /// The divisor: one budget takes at most a quarter of the memory, because a second budget, and what is not counted, need memory too.
    /// </summary>
    public const int Parts = 4;

    /// <summary>Returns the budget, or its share of the memory where that is less.</summary>
    /// <param name="budget">The configured budget, in bytes.</param>
    /// <param name="memory">Bytes that the process may use (<c>GCMemoryInfo.TotalAvailableMemoryBytes</c>).</param>
    public static long Of(long budget, long memory) => Math.Min(budget, Math.Max(memory / Parts, 1));
}

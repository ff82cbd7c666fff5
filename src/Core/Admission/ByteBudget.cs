namespace Switchboard.Core.Admission;

/// <summary>
/// Bytes that are held, against what may be: what comes in asks first, what is under way only tells. So what is under way goes on past
/// the budget, and nothing new is taken until it is below again. Thread-safe.
/// </summary>
public sealed class ByteBudget
{
    private long _asked;
    private long _told;

    /// <summary>Nothing is held.</summary>
    /// <param name="capacity">The most that may be held when something is taken in; at least 1.</param>
    public ByteBudget(long capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Capacity = capacity;
    }

    /// <summary>The budget.</summary>
    public long Capacity { get; }

    /// <summary>Held of what asked.</summary>
    public long Asked => Volatile.Read(ref _asked);

    /// <summary>Held of what only told.</summary>
    public long Told => Volatile.Read(ref _told);

    /// <summary>Asks to hold so many bytes more. False: they are too many, and nothing has changed.</summary>
    public bool TryTake(long bytes)
    {
        // By compare-and-swap: adding first and taking back when it was too much would refuse others in between for nothing.
        long seen = Asked;
        while (seen + Told + bytes <= Capacity)
        {
            long was = Interlocked.CompareExchange(ref _asked, seen + bytes, seen);
            if (was == seen)
                return true;
            seen = was;
        }
        return false;
    }

    /// <summary>Gives back what was asked for.</summary>
    public void Give(long bytes) => Interlocked.Add(ref _asked, -bytes);

    /// <summary>Tells of bytes that are held all the same, or, below zero, no longer.</summary>
    public void Tell(long bytes) => Interlocked.Add(ref _told, bytes);
}

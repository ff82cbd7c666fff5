namespace Switchboard.Core.Admission;

/// <summary>
/// Counts the bytes that are held against a capacity. Bytes of new work are acquired, which fails at the capacity; bytes of work under way
/// are charged in any case. So work under way may exceed the capacity, and new work is rejected until the total is below it again.
/// Thread-safe.
/// </summary>
public sealed class ByteBudget
{
    private long _acquired;
    private long _charged;

    /// <summary>Initializes a budget of which nothing is held.</summary>
    /// <param name="capacity">The most bytes, acquired and charged, at which more may be acquired; at least 1.</param>
    public ByteBudget(long capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Capacity = capacity;
    }

    /// <summary>The capacity, in bytes.</summary>
    public long Capacity { get; }

    /// <summary>The bytes that are acquired and not released.</summary>
    public long Acquired => Volatile.Read(ref _acquired);

    /// <summary>The bytes that are charged.</summary>
    public long Charged => Volatile.Read(ref _charged);

    /// <summary>Acquires bytes. False: they would exceed the capacity, and nothing has changed.</summary>
    public bool TryAcquire(long bytes) => TryAcquire(bytes, Capacity);

    /// <summary>
    /// Acquires bytes of a message or a body that has not arrived whole. Leaves a 64th of the capacity free: what only ever arrives in part
    /// must not keep out what is whole and short.
    /// </summary>
    /// <returns>False: they do not fit, and nothing has changed.</returns>
    public bool TryAcquirePart(long bytes) => TryAcquire(bytes, Capacity - (Capacity / 64));

    /// <summary>Releases acquired bytes.</summary>
    public void Release(long bytes) => Interlocked.Add(ref _acquired, -bytes);

    /// <summary>Charges bytes regardless of the capacity; a negative number ends the charge of that many.</summary>
    public void Charge(long bytes) => Interlocked.Add(ref _charged, bytes);

    private bool TryAcquire(long bytes, long most)
    {
        // By compare-and-swap: adding first and subtracting on excess would reject concurrent acquisitions that fit.
        var seen = Acquired;
        while (seen + Charged + bytes <= most)
        {
            var was = Interlocked.CompareExchange(ref _acquired, seen + bytes, seen);
            if (was == seen)
            {
                return true;
            }

            seen = was;
        }
        return false;
    }
}

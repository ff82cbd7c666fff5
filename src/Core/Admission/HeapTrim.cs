namespace Switchboard.Core.Admission;

/// <summary>Represents a reading of a process's heap, in bytes.</summary>
/// <param name="Allocated">The total that was ever allocated.</param>
/// <param name="InUse">What is in use, including garbage that was not collected yet.</param>
/// <param name="Committed">The memory that the heap has committed.</param>
public readonly record struct HeapReading(long Allocated, long InUse, long Committed);

/// <summary>Specifies what to do for the heap.</summary>
public enum HeapTrimStep
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A background collection, which shows how much is in use.</summary>
    Collect,

    /// <summary>A blocking, compacting collection, which returns what is not in use.</summary>
    Compact,
}

/// <summary>
/// Decides when a heap returns memory to the machine after a peak of load. The garbage collector runs while something is allocated: an idle
/// process allocates nothing, and would keep for ever what it had at the peak. Not thread-safe.
/// </summary>
/// <remarks>
/// Trims a few times after each period of much work, and only after several quiet readings: a process whose work never pauses, or is always
/// little, is left alone. The compacting collection comes only after a background collection has shown how much of the heap is not in use.
/// More than once, because what the work left may be freed later than it ends: requests that are forgotten by a timer, for example.
/// </remarks>
public sealed class HeapTrim
{
    /// <summary>The number of bytes allocated between two readings above which the process is busy and must not be stopped.</summary>
    public const long Quiet = 16L * 1024 * 1024;

    /// <summary>The number of consecutive quiet readings before a trim.</summary>
    public const int Looks = 3;

    /// <summary>The number of times that a heap is looked at after a period of work.</summary>
    public const int Rounds = 4;

    /// <summary>The number of bytes beyond those in use, and an eighth of those, that are no waste.</summary>
    public const long Slack = 16L * 1024 * 1024;

    /// <summary>
    /// The number of bytes in use above which the heap is not compacted, because that would stop the process for too long.
    /// </summary>
    public const long MostInUse = 512L * 1024 * 1024;

    private long _allocated;
    private int _quietLooks;
    private int _roundsLeft;

    /// <summary>Initializes the state with a first reading.</summary>
    public HeapTrim(HeapReading now) => _allocated = now.Allocated;

    /// <summary>Takes a reading and decides. To be called every few seconds.</summary>
    public HeapTrimStep Next(HeapReading now)
    {
        var quiet = now.Allocated - _allocated <= Quiet;
        _allocated = now.Allocated;
        if (!quiet)
        {
            _roundsLeft = Rounds;
            _quietLooks = 0;
            return HeapTrimStep.None;
        }
        if (_roundsLeft == 0 || ++_quietLooks < Looks)
        {
            return HeapTrimStep.None;
        }

        if (_quietLooks == Looks)
        {
            return HeapTrimStep.Collect;
        }

        // What is in use is known now.
        _roundsLeft--;
        _quietLooks = 0;
        var waste = now.Committed - now.InUse;
        return now.InUse <= MostInUse && waste >= Slack + (now.InUse / 8) ? HeapTrimStep.Compact : HeapTrimStep.None;
    }
}

namespace Switchboard.Core.Ids;

/// <summary>Generates the request ids of one front door. Thread-safe.</summary>
/// <remarks>
/// The layout of etcd's <c>pkg/idutil</c>: number 16 bits | start in ms 40 bits | counter 8 bits. The counter overflows into the
/// milliseconds on purpose: they only define where this start begins. The number differs between two starts (a lease or a start counter),
/// so that neither a restart in the same millisecond, nor a clock set back, nor more than 256 ids a millisecond repeats an id.
/// </remarks>
public sealed class RequestIdGenerator
{
    private const int CounterBits = 8;
    private readonly ulong _prefix;
    private ulong _suffix;

    /// <summary>Initializes a generator for one start of one front door.</summary>
    /// <param name="frontDoor">Its number: 1 to 65,535, not in use by any other process, nor by an earlier start.</param>
    /// <param name="start">The wall clock at the start.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is 0, which marks durable requests.</exception>
    public RequestIdGenerator(ushort frontDoor, DateTimeOffset start)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(frontDoor, RequestId.DurableFrontDoor);
        _prefix = (ulong)frontDoor << RequestId.SuffixBits;
        _suffix = ((ulong)start.ToUnixTimeMilliseconds() << CounterBits) & RequestId.SuffixMask;
    }

    /// <summary>Returns an id that this generator has not returned before.</summary>
    public RequestId Next()
    {
        // One atomic add. Seeds I1: a plain read and an atomic write of read + 1 lets two threads take the same number, and a late writer
        // moves the counter back.
        var suffix = Interlocked.Increment(ref _suffix);
        return new RequestId(_prefix | (suffix & RequestId.SuffixMask));
    }
}

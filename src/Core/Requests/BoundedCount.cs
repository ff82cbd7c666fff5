using System.Runtime.InteropServices;

namespace Switchboard.Core.Requests;

/// <summary>Counts places taken, never above its capacity. Thread-safe.</summary>
internal sealed class BoundedCount(int capacity)
{
    private Padded _taken;

    public int Value => Volatile.Read(ref _taken.Value);

    // By compare-and-swap: adding first and subtracting on excess would reject concurrent acquisitions that fit.
    public bool TryTake()
    {
        var seen = Value;
        while (seen < capacity)
        {
            var was = Interlocked.CompareExchange(ref _taken.Value, seen + 1, seen);
            if (was == seen)
            {
                return true;
            }

            seen = was;
        }
        return false;
    }

    public void Release() => Interlocked.Decrement(ref _taken.Value);

    // Every registration writes it: on a cache line of its own it does not invalidate its neighbours for other processors.
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Padded
    {
        [FieldOffset(64)]
        public int Value;
    }
}

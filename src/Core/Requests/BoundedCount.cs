using System.Runtime.InteropServices;

namespace Switchboard.Core.Requests;

/// <summary>Counts places taken, never more than there are, not even for a moment. Thread-safe.</summary>
internal sealed class BoundedCount(int capacity)
{
    private Padded _taken;

    public int Value => Volatile.Read(ref _taken.Value);

    // By compare-and-swap: adding first and taking back when it was too much would refuse others in between for nothing.
    public bool TryTake()
    {
        int seen = Value;
        while (seen < capacity)
        {
            int was = Interlocked.CompareExchange(ref _taken.Value, seen + 1, seen);
            if (was == seen)
                return true;
            seen = was;
        }
        return false;
    }

    public void Release() => Interlocked.Decrement(ref _taken.Value);

    // Every registration writes it: on a cache line of its own it does not take what lies beside it from other processors.
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Padded
    {
        [FieldOffset(64)]
        public int Value;
    }
}

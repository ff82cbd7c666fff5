namespace Switchboard.Core.Admission;

/// <summary>What the seconds that are over have left to be written.</summary>
/// <param name="Lines">Events that get a line each after all.</param>
/// <param name="LeftOut">How many events of a crowd get none.</param>
public readonly record struct LinesDue<T>(IReadOnlyList<T> Lines, int LeftOut);

/// <summary>
/// Decides which of many alike events get a line of their own in a log: each of them, unless more than so many come within a second. Such a
/// second is a crowd, and its events are only counted, but for the first few. Thread-safe; keeps at most a second's lines.
/// </summary>
/// <remarks>
/// A second begins with its first event. Whether it is a crowd is known only at its end, so what comes after the first few waits until then.
/// Once a crowd is under way nothing of the next second is written either, so that a crowd of any length costs its first few lines and one count
/// a second; it is over with a second that stays within the bound, or without any event.
/// </remarks>
/// <typeparam name="T">What a line is written from.</typeparam>
public sealed class LogThrottle<T>
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly List<T> _held = [];
    private readonly int _atOnce;
    private readonly int _perSecond;
    private TimeSpan _since;
    private int _count;
    private bool _crowd;

    /// <summary>Nothing has happened yet.</summary>
    /// <param name="atOnce">How many events of a second are written without waiting for its end.</param>
    /// <param name="perSecond">How many a second may have before it is a crowd; not less than <paramref name="atOnce"/>.</param>
    public LogThrottle(int atOnce, int perSecond)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(atOnce, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(perSecond, atOnce);
        _atOnce = atOnce;
        _perSecond = perSecond;
    }

    /// <summary>Counts an event. True: its line is to be written now. <see cref="TakeDue"/> is to be called before.</summary>
    public bool TryWrite(T item, TimeSpan now)
    {
        lock (_gate)
        {
            if (_count++ == 0)
            {
                // A whole second without any event came between.
                if (now - _since >= 2 * Second)
                    _crowd = false;
                _since = now;
            }
            if (_crowd)
                return false;
            if (_count <= _atOnce)
                return true;
            if (_count <= _perSecond)
                _held.Add(item);
            return false;
        }
    }

    /// <summary>Takes what is to be written of the seconds that are over. To be called once a second at least.</summary>
    public LinesDue<T> TakeDue(TimeSpan now)
    {
        lock (_gate)
        {
            if (_count == 0 || now - _since < Second)
                return new([], 0);
            int leftOut = _crowd ? _count : Math.Max(0, _count - _atOnce);
            bool crowd = _count > _perSecond;
            T[] lines = crowd ? [] : [.. _held];
            _held.Clear();
            _count = 0;
            _crowd = crowd;
            return new(lines, leftOut - lines.Length);
        }
    }
}

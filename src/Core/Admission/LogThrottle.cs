namespace Switchboard.Core.Admission;

/// <summary>Holds what is to be logged of the seconds that have passed.</summary>
/// <param name="Lines">The events that get a line each.</param>
/// <param name="LeftOut">The number of events that get no line.</param>
public readonly record struct LinesDue<T>(IReadOnlyList<T> Lines, int LeftOut);

/// <summary>
/// Decides which of many similar events get a line of their own in a log: each of them, unless there are more than a limit within a second.
/// In such a second (a burst) all but the first few are only counted. Thread-safe; keeps at most a second's lines.
/// </summary>
/// <remarks>
/// A second begins with its first event. Whether it is a burst is known only at its end, so events after the first few wait until then.
/// While a burst lasts, nothing of the next second is written either, so that a burst of any length costs its first few lines and one count
/// a second; it ends with a second that stays within the limit, or that has no event.
/// </remarks>
/// <typeparam name="T">The type of the events.</typeparam>
public sealed class LogThrottle<T>
{
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly List<T> _held = [];
    private readonly int _atOnce;
    private readonly int _perSecond;
    private TimeSpan _since;
    private int _count;
    private bool _crowd;

    /// <summary>Initializes a throttle without events.</summary>
    /// <param name="atOnce">The number of events of a second that are written without waiting for its end.</param>
    /// <param name="perSecond">The number of events of a second above which it is a burst; not less than <paramref name="atOnce"/>.</param>
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
                // At least one whole second passed without an event.
                if (now - _since >= 2 * _second)
                {
                    _crowd = false;
                }

                _since = now;
            }
            if (_crowd)
            {
                return false;
            }

            if (_count <= _atOnce)
            {
                return true;
            }

            if (_count <= _perSecond)
            {
                _held.Add(item);
            }

            return false;
        }
    }

    /// <summary>Takes what is to be written of the seconds that have passed. To be called at least once a second.</summary>
    public LinesDue<T> TakeDue(TimeSpan now)
    {
        lock (_gate)
        {
            if (_count == 0 || now - _since < _second)
            {
                return new([], 0);
            }

            var leftOut = _crowd ? _count : Math.Max(0, _count - _atOnce);
            var crowd = _count > _perSecond;
            T[] lines = crowd ? [] : [.. _held];
            _held.Clear();
            _count = 0;
            _crowd = crowd;
            return new(lines, leftOut - lines.Length);
        }
    }
}

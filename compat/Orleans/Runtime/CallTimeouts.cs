using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>
/// Ends calls that have waited too long. Calls with the same patience end in the order in which they were made, so each
/// length of time has one list and one timer for its head, and a call costs a link and an unlink.
/// </summary>
internal sealed class CallTimeouts(TimeProvider time)
{
    private readonly ConcurrentDictionary<TimeSpan, Lane> _lanes = new();
    private volatile Lane? _usual;

    /// <summary>The neighbours of a call in its lane; kept in the call itself, to allocate nothing.</summary>
    internal struct Entry
    {
        public Lane? Lane;
        public Request? Before;
        public Request? After;
        public long Since;
    }

    /// <summary>How long a call waits whose method does not say otherwise.</summary>
    public TimeSpan Default { get; set; } = TimeSpan.FromSeconds(30);

    public void Add(Request request)
    {
        var timeout = request.Shape.Timeout ?? Default;
        var lane = _usual;
        if (lane is null || lane.Timeout != timeout)
        {
            _usual = lane = _lanes.GetOrAdd(timeout, static (t, time) => new Lane(t, time), time);
        }

        lane.Add(request);
    }

    public static void Remove(Request request) => request.TimeoutEntry.Lane?.Remove(request);

    /// <summary>Ends everything that still waits: the silo stops.</summary>
    public void RefuseAll(Exception exception)
    {
        foreach (var lane in _lanes.Values)
        {
            while (lane.TakeFirst(null) is { } request)
            {
                request.Refuse(exception);
            }
        }
    }

    /// <summary>The calls that wait for the same length of time, oldest first.</summary>
    internal sealed class Lane
    {
        private readonly Lock _gate = new();
        private readonly TimeProvider _time;
        private readonly ITimer _timer;
        private Request? _first;
        private Request? _last;
        private bool _timerIsSet;

        public Lane(TimeSpan timeout, TimeProvider time)
        {
            (Timeout, _time) = (timeout, time);
            using (ExecutionContext.SuppressFlow())
            {
                _timer = time.CreateTimer(
                    static lane => ((Lane)lane!).OnTimer(), this, System.Threading.Timeout.InfiniteTimeSpan, System.Threading.Timeout.InfiniteTimeSpan);
            }
        }

        public TimeSpan Timeout { get; }

        public void Add(Request request)
        {
            ref var entry = ref request.TimeoutEntry;
            lock (_gate)
            {
                entry.Since = _time.GetTimestamp();
                entry.Lane = this;
                entry.Before = _last;
                if (_last is null)
                {
                    _first = request;
                }
                else
                {
                    _last.TimeoutEntry.After = request;
                }

                _last = request;
                if (!_timerIsSet)
                {
                    SetTimer(Timeout);
                }
            }
        }

        public void Remove(Request request)
        {
            lock (_gate)
            {
                ref var entry = ref request.TimeoutEntry;
                if (entry.Lane is null)
                {
                    return;
                }

                if (entry.Before is null)
                {
                    _first = entry.After;
                }
                else
                {
                    entry.Before.TimeoutEntry.After = entry.After;
                }

                if (entry.After is null)
                {
                    _last = entry.Before;
                }
                else
                {
                    entry.After.TimeoutEntry.Before = entry.Before;
                }

                entry = default;
            }
        }

        /// <summary>Takes out the oldest call, if it is as old as said.</summary>
        public Request? TakeFirst(TimeSpan? age)
        {
            lock (_gate)
            {
                if (_first is not { } request || (age is { } least && _time.GetElapsedTime(request.TimeoutEntry.Since) < least))
                {
                    return null;
                }

                Remove(request);
                return request;
            }
        }

        private void OnTimer()
        {
            while (TakeFirst(Timeout) is { } late)
            {
                late.TimeOut(Timeout);
            }

            lock (_gate)
            {
                // The timer was set for a call that may long have been answered; now it is set for the oldest that waits.
                _timerIsSet = false;
                if (_first is { } oldest)
                {
                    SetTimer(Timeout - _time.GetElapsedTime(oldest.TimeoutEntry.Since));
                }
            }
        }

        private void SetTimer(TimeSpan due)
        {
            _timerIsSet = true;
            _timer.Change(due < TimeSpan.Zero ? TimeSpan.Zero : due, System.Threading.Timeout.InfiniteTimeSpan);
        }
    }
}

using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>
/// Ends calls that have waited too long. Calls with the same patience end in the order in which they were made, so each
/// length of time has one list and one timer for its head, and a call costs a link and an unlink.
/// </summary>
internal sealed class CallTimeouts(TimeProvider time, TimeSpan usual)
{
    private readonly ConcurrentDictionary<TimeSpan, Lane> _lanes = new();
    private readonly Lane _usual = new(usual, time);

    public void Add(Request request)
        => (request.Shape.Timeout is { } own ? _lanes.GetOrAdd(own, static (own, time) => new Lane(own, time), time) : _usual).Add(request);

    public static void Remove(Request request) => request.Place?.Lane.Remove(request.Place.Node);

    /// <summary>Ends everything that still waits: the silo stops.</summary>
    public void RefuseAll(Exception exception)
    {
        foreach (var lane in _lanes.OrderBy(lane => lane.Key).Select(lane => lane.Value).Append(_usual))
        {
            while (lane.TakeFirst(null) is { } request)
            {
                request.Refuse(exception);
            }
        }
    }

    /// <summary>Where a call stands.</summary>
    internal sealed record Place(Lane Lane, LinkedListNode<Request> Node, long Since);

    /// <summary>The calls that wait for the same length of time, oldest first.</summary>
    internal sealed class Lane
    {
        private readonly Lock _gate = new();
        private readonly LinkedList<Request> _waiting = new();
        private readonly TimeSpan _timeout;
        private readonly TimeProvider _time;
        private readonly ITimer _timer;
        private bool _timerIsSet;

        public Lane(TimeSpan timeout, TimeProvider time)
        {
            (_timeout, _time) = (timeout, time);
            using (ExecutionContext.SuppressFlow())
            {
                _timer = time.CreateTimer(static lane => ((Lane)lane!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        public void Add(Request request)
        {
            lock (_gate)
            {
                request.Place = new Place(this, _waiting.AddLast(request), _time.GetTimestamp());
                if (!_timerIsSet)
                {
                    SetTimer(_timeout);
                }
            }
        }

        public void Remove(LinkedListNode<Request> node)
        {
            lock (_gate)
            {
                if (node.List is not null)
                {
                    _waiting.Remove(node);
                }
            }
        }

        /// <summary>Takes out the oldest call, if it is as old as said.</summary>
        public Request? TakeFirst(TimeSpan? age)
        {
            lock (_gate)
            {
                if (_waiting.First?.Value is not { } oldest || (age is { } least && _time.GetElapsedTime(oldest.Place!.Since) < least))
                {
                    return null;
                }

                _waiting.RemoveFirst();
                return oldest;
            }
        }

        private void OnTimer()
        {
            while (TakeFirst(_timeout) is { } late)
            {
                late.TimeOut(_timeout);
            }

            lock (_gate)
            {
                // The timer was set for a call that may long have been answered; now it is set for the oldest that waits.
                _timerIsSet = false;
                if (_waiting.First?.Value is { } oldest)
                {
                    SetTimer(_timeout - _time.GetElapsedTime(oldest.Place!.Since));
                }
            }
        }

        private void SetTimer(TimeSpan due)
        {
            _timerIsSet = true;
            _timer.Change(due < TimeSpan.Zero ? TimeSpan.Zero : due, Timeout.InfiniteTimeSpan);
        }
    }
}

using Switchboard.Api.Time;
using Switchboard.V1;

namespace Switchboard.Api.Sessions;

/// <content>Implements the writer loop, the only writer of a session's stream.</content>
internal sealed partial class AgentSession
{
    /// <summary>The number of bytes after which the stream is flushed, even if more waits.</summary>
    private const int BatchBytes = 64 * 1024;

    // Stands in the queue for the list of live requests, which is made when it is dequeued.
    private static readonly AgentRequest _listHere = ControlMessages.Reconcile([]);

    private readonly AsyncSignal _something = new();
    private bool _writerWaits;
    private bool _writerDone;
    private TimeSpan _lastWrite;
    private TimeSpan? _writing;
    private TimeSpan _reconcileAt;

    /// <summary>Gets whether the writer loop waits for something to write, with no write under way.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return _writerWaits || _writerDone;
            }
        }
    }

    /// <summary>
    /// Writes until the session has ended and its last message is written. Throws what the stream throws; the session is to be ended then.
    /// Called once.
    /// </summary>
    public async Task WriteAllAsync()
    {
        try
        {
            while (await WhenSomethingAsync())
            {
                await WriteBatchAsync();
            }
        }
        finally
        {
            lock (_gate)
            {
                _writing = null;
                _writerDone = true;
            }
        }
    }

    /// <summary>
    /// Checks the clock, called from outside: sends a heartbeat when it is due, with the list of live requests when that is due; ends the
    /// session if a write hangs; aborts the stream if it hangs after the session's end.
    /// </summary>
    public void Pulse(TimeSpan now)
    {
        bool beat, reconcile, dead, cut;
        lock (_gate)
        {
            reconcile = _ended is null && ConnectNumber != 0 && now >= _reconcileAt;
            if (reconcile)
            {
                _reconcileAt = now + _options.ReconcileInterval;
            }

            beat = !reconcile && _ended is null && _queue.Count == 0 && _writing is null
                && now - _lastWrite >= _options.HeartbeatInterval;
            // Counted as written from here on: between the loop's taking of the heartbeat from the queue and its note that it writes, the
            // next check would find neither, and send a second one.
            if (beat)
            {
                _lastWrite = now;
            }

            dead = _ended is null && now - (_writing ?? now) >= _options.WriteTimeout;
            cut = dead || (!_writerDone && _ended is not null && now - _endedAt >= SessionRegistry.GoAwayTimeout);
        }
        if (beat)
        {
            TryEnqueue(ControlMessages.Heartbeat);
        }

        if (reconcile)
        {
            TryEnqueue(_listHere);
        }

        if (dead)
        {
            End(SessionEndCause.WriteTimeout);
        }

        if (cut)
        {
            _stream.Abort();
        }
    }

    private async Task WriteBatchAsync()
    {
        var next = TakeNext();
        long batch = 0;
        while (next is { } current)
        {
            // One message ahead, because a flush can be left out only if another message is sure to follow: a request whose deadline has
            // passed, or whose caller has gone, is found out when it is dequeued, and is not written.
            batch += current.Body.Length;
            next = batch < BatchBytes ? TakeNext() : null;
            await WriteAsync(current, flush: next is null);
        }
    }

    private async ValueTask WriteAsync(AgentRequest message, bool flush)
    {
        // What is not flushed goes no further than a buffer, and cannot hang.
        if (!flush)
        {
            await _stream.WriteAsync(message, flush);
            return;
        }
        var began = _clock.Now;
        lock (_gate)
        {
            _writing = began;
        }

        await _stream.WriteAsync(message, flush);
        lock (_gate)
        {
            (_writing, _lastWrite) = (null, began);
        }
    }

    private AgentRequest? TakeNext()
    {
        while (true)
        {
            IOutboundRequest? request;
            AgentRequest? control;
            lock (_gate)
            {
                if (!_queue.TryDequeue(out request, out control))
                {
                    return null;
                }
            }
            if (control is not null)
            {
                return ReferenceEquals(control, _listHere) ? ControlMessages.Reconcile(LiveAtAgent()) : control;
            }

            if (request!.TrySend(this) is { } message)
            {
                return message;
            }
        }
    }

    // Made at its place in the stream: this loop alone sends requests, so every listed request was written before, and one that is not
    // listed and was written before has ended.
    private List<ulong> LiveAtAgent()
    {
        IReadOnlyList<IOutboundRequest> inFlight;
        lock (_gate)
        {
            inFlight = _queue.RequestsInFlight();
        }

        return [.. inFlight.Where(request => request.IsAt(this)).Select(request => request.Id.Value)];
    }

    // False: the session has ended, and there is nothing more to write. Once woken, the loop checks again: the end may have woken it.
    private ValueTask<bool> WhenSomethingAsync()
    {
        lock (_gate)
        {
            if (_queue.Count > 0)
            {
                return new(true);
            }

            if (_ended is not null)
            {
                return new(false);
            }

            _writerWaits = true;
            return _something.WaitAsync();
        }
    }

    private bool TakeWriter()
    {
        var waited = _writerWaits;
        _writerWaits = false;
        return waited;
    }
}

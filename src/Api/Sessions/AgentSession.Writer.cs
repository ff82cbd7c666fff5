using System.Threading.Tasks.Sources;
using Switchboard.Api.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Sessions;

/// <content>The one writer of a session's stream.</content>
internal sealed partial class AgentSession
{
    /// <summary>After so many bytes the stream is flushed, whatever waits.</summary>
    private const int BatchBytes = 64 * 1024;

    // Stands in the queue for the list of what is live, which is made when its turn has come.
    private static readonly AgentRequest ListHere = Controls.Reconcile([]);

    private ManualResetValueTaskSourceCore<bool> _something = new() { RunContinuationsAsynchronously = true };
    private bool _writerWaits;
    private bool _writerDone;
    private TimeSpan _lastWrite;
    private TimeSpan? _writing;
    private TimeSpan _reconcileAt;

    /// <summary>Does the writer loop wait for something to say, with no write under way?</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
                return _writerWaits || _writerDone;
        }
    }

    /// <summary>
    /// Writes until the session is over and what must still be said is said. Throws what the stream throws; the session is to be
    /// ended then. Called once.
    /// </summary>
    public async Task WriteAllAsync()
    {
        try
        {
            while (await WhenSomethingAsync())
                await WriteBatchAsync();
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
    /// A look from outside at the clock: a heartbeat where it is time for one, with the list of what is live where it is time for that; a
    /// write that hangs ends the session; one that ended and hangs is cut.
    /// </summary>
    public void Pulse(TimeSpan now)
    {
        bool beat, reconcile, dead, cut;
        lock (_gate)
        {
            reconcile = _ended is null && ConnectNumber != 0 && now >= _reconcileAt;
            if (reconcile)
                _reconcileAt = now + _registry.Options.ReconcileInterval;
            beat = !reconcile && _ended is null && _queue.Count == 0 && _writing is null
                && now - _lastWrite >= _registry.Options.HeartbeatInterval;
            // Counted as written from here on: between the loop's taking of the heartbeat from the queue and its note that it writes, the
            // next look would find neither, and send a second one.
            if (beat)
                _lastWrite = now;
            dead = _ended is null && now - (_writing ?? now) >= _registry.Options.WriteTimeout;
            cut = dead || (!_writerDone && _ended is not null && now - _endedAt >= SessionRegistry.LastWords);
        }
        if (beat)
            Tell(Controls.Heartbeat);
        if (reconcile)
            Tell(ListHere);
        if (dead)
            End(SessionEndCause.WriteTimeout);
        if (cut)
            _stream.Abort();
    }

    private async Task WriteBatchAsync()
    {
        AgentRequest? next = TakeNext();
        long batch = 0;
        while (next is { } current)
        {
            // One message ahead, because a flush can be left out only if another message is sure to follow: a request whose time is up,
            // or whose caller has gone, is found out as it is taken, and is not one.
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
        TimeSpan began = _registry.Clock.Now;
        lock (_gate)
            _writing = began;
        await _stream.WriteAsync(message, flush);
        lock (_gate)
            (_writing, _lastWrite) = (null, began);
    }

    private AgentRequest? TakeNext()
    {
        while (true)
        {
            LiveRequest? request;
            AgentRequest? control;
            lock (_gate)
            {
                if (!_queue.TryDequeue(out request, out control))
                    return null;
            }
            if (control is not null)
                return ReferenceEquals(control, ListHere) ? Controls.Reconcile(LiveAtAgent()) : control;
            if (request!.TrySend(this) is { } message)
                return message;
        }
    }

    // Made where its place in the stream is: this loop alone sends requests, so all that is listed was written before, and what is not
    // listed and was written before has ended.
    private List<ulong> LiveAtAgent()
    {
        IReadOnlyList<LiveRequest> inFlight;
        lock (_gate)
            inFlight = _queue.RequestsInFlight();
        return [.. inFlight.Where(request => request.IsAt(this)).Select(request => request.Id.Value)];
    }

    // False: over, and nothing more to say.
    private ValueTask<bool> WhenSomethingAsync()
    {
        lock (_gate)
        {
            if (_queue.Count > 0)
                return new(true);
            if (_ended is not null)
                return new(false);
            _something.Reset();
            _writerWaits = true;
            return new ValueTask<bool>(this, _something.Version);
        }
    }

    private bool TakeWriter()
    {
        bool waited = _writerWaits;
        _writerWaits = false;
        return waited;
    }

    // Woken, it looks again: the end may be what woke it.
    bool IValueTaskSource<bool>.GetResult(short token) => _something.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _something.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _something.OnCompleted(continuation, state, token, flags);
}

using System.Threading.Tasks.Sources;
using Switchboard.Api.Admission;
using Switchboard.Api.Requests;
using Switchboard.Core.Agents;
using Switchboard.V1;

namespace Switchboard.Api.Sessions;

/// <summary>What became of offering a request to a session.</summary>
internal enum TakeOutcome
{
    /// <summary>It is in the queue and counts as in flight.</summary>
    Taken,

    /// <summary>The session is over, or drains and has a successor: ask the agent's grain again.</summary>
    NotThere,

    /// <summary>The agent has as much in flight as it takes, or does not read what it has been given.</summary>
    Overloaded,
}

/// <summary>
/// One subscription of an agent, as this front door holds it: a bounded queue, what is in flight, and how it ended. The writer loop is
/// in AgentSession.Writer.cs. An idle session is this object and its stream; the queue is allocated when first used and has no timer.
/// </summary>
internal sealed partial class AgentSession : IValueTaskSource<bool>
{
    // Beside requests wait one cancel at most for each request in flight, and a welcome, a heartbeat, a list and a go_away.
    private const int RoomForControls = 16;

    private readonly Lock _gate = new();
    private readonly SessionRegistry _registry;
    private readonly ISessionStream _stream;
    private readonly Queue<Word> _queue = new();
    private int _queuedRequests;
    private long _queuedBytes;
    private LiveRequest? _firstInFlight;
    private int _inFlight;
    private bool _retiring;
    private bool _succeeded;
    private SessionEndCause? _ended;
    private TimeSpan _endedAt;

    public AgentSession(SessionRegistry registry, SessionId id, Subscriber subscriber, ISessionStream stream)
    {
        _registry = registry;
        _stream = stream;
        Id = id;
        Subscriber = subscriber;
        AgentSessionOptions options = registry.Options;
        MaxInFlight = subscriber.MaxInFlight == 0
            ? options.DefaultMaxInFlight
            : (int)Math.Min(subscriber.MaxInFlight, (uint)options.MaxInFlightLimit);
        _lastWrite = registry.Clock.Now;
        _reconcileAt = _lastWrite + options.ReconcileInterval;
        // Before anybody knows the session, so that nothing can come before it.
        _queue.Enqueue(new Word(null, Controls.Welcome(id, options.HeartbeatInterval)));
    }

    public SessionId Id { get; }

    public Subscriber Subscriber { get; }

    public AgentKey Agent => Subscriber.Agent;

    public int MaxInFlight { get; }

    /// <summary>Has its agent's grain been asked to connect it? One that has not been knows nothing of it.</summary>
    public bool ConnectAsked { get; set; }

    /// <summary>What the agent's grain gave; 0 while the connect is under way.</summary>
    public long ConnectNumber { get; set; }

    /// <summary>When it is announced next.</summary>
    public TimeSpan AnnounceAt { get; set; }

    /// <summary>The registry's chain of the same agent's sessions; guarded by the registry's lock.</summary>
    internal AgentSession? NextOfAgent { get; set; }

    public bool Retiring
    {
        get
        {
            lock (_gate)
                return _retiring;
        }
    }

    public int InFlight
    {
        get
        {
            lock (_gate)
                return _inFlight;
        }
    }

    /// <summary>Null: it lives.</summary>
    public SessionEndCause? Ended
    {
        get
        {
            lock (_gate)
                return _ended;
        }
    }

    /// <summary>
    /// Takes a request into the queue. <see cref="LiveRequest.Assign"/> comes before it. A request that ended in between is still
    /// taken: whoever offers it looks once more afterwards, and then releases it, as its end may have found nothing to release yet.
    /// </summary>
    public TakeOutcome Take(LiveRequest request)
    {
        bool wake;
        lock (_gate)
        {
            if (_ended is not null || _succeeded)
                return TakeOutcome.NotThere;
            if (LimitReached(request) is { } limit)
            {
                request.RefusedBy = limit;
                return TakeOutcome.Overloaded;
            }
            _queue.Enqueue(new Word(request, null));
            _queuedRequests++;
            _queuedBytes += request.Size;
            Link(request);
            wake = TakeWriter();
        }
        if (wake)
            _something.SetResult(true);
        return TakeOutcome.Taken;
    }

    /// <summary>The request has ended: its slot is free from now on. Does nothing where it holds none.</summary>
    public void Release(LiveRequest request)
    {
        lock (_gate)
        {
            if (request.InFlightAt == this)
                Unlink(request);
        }
    }

    /// <summary>Puts a control into the queue. False: the session is over, or nobody reads.</summary>
    public bool Tell(AgentRequest control)
    {
        bool wake;
        lock (_gate)
        {
            if (_ended is not null || _queue.Count - _queuedRequests >= MaxInFlight + RoomForControls)
                return false;
            _queue.Enqueue(new Word(null, control));
            wake = TakeWriter();
        }
        if (wake)
            _something.SetResult(true);
        return true;
    }

    /// <summary>Is the agent served by another session, so that this one takes nothing new?</summary>
    public bool HasSuccessor
    {
        get
        {
            lock (_gate)
                return _succeeded;
        }
    }

    /// <summary>The agent has another session now: this one, which was asked to go, takes nothing new and keeps what it has (S2).</summary>
    public void Succeeded()
    {
        lock (_gate)
            _succeeded |= _retiring;
    }

    /// <summary>The agent is asked to open another session. Until it has one, this one goes on taking requests (PEERS 1.12).</summary>
    public bool Retire(TimeSpan reconnectAfter)
    {
        lock (_gate)
        {
            if (_retiring || _ended is not null)
                return false;
            _retiring = true;
        }
        return Tell(Controls.GoAway(SessionEndCause.Draining.Word(), reconnectAfter));
    }

    /// <summary>
    /// Ends the session, once. From here on it takes nothing; every request that it holds is told; the writer loop says go_away,
    /// where there is somebody to hear it, and returns.
    /// </summary>
    public bool End(SessionEndCause cause)
    {
        LiveRequest[] held;
        bool wake;
        lock (_gate)
        {
            if (_ended is not null)
                return false;
            _ended = cause;
            _endedAt = _registry.Clock.Now;
            held = DetachAll();
            if (cause.IsSilent())
                DropQueue();
            else if (!(cause == SessionEndCause.Draining && _retiring))
                _queue.Enqueue(new Word(null, Controls.GoAway(cause.Word(), cause.ReconnectAfter(_registry.Options))));
            wake = TakeWriter();
        }
        _registry.Remove(this);
        foreach (LiveRequest request in held)
            request.SessionEnded(this);
        if (wake)
            _something.SetResult(true);
        return true;
    }

    // The second and the third are for an agent that does not read: requests that ended meanwhile are no more in flight, but in the queue;
    // and few that are large must not take all that the process may hold. One is always taken, however large.
    private (AdmissionLimit Limit, int Value)? LimitReached(LiveRequest request)
    {
        if (_inFlight >= MaxInFlight)
            return (AdmissionLimit.AgentInFlight, MaxInFlight);
        if (_queuedRequests >= MaxInFlight)
            return (AdmissionLimit.AgentQueued, MaxInFlight);
        int bytes = _registry.Options.MaxQueuedBytes;
        return _queuedRequests > 0 && _queuedBytes + request.Size > bytes ? (AdmissionLimit.AgentQueuedBytes, bytes) : null;
    }

    private void Link(LiveRequest request)
    {
        request.InFlightAt = this;
        request.SessionNext = _firstInFlight;
        if (_firstInFlight is not null)
            _firstInFlight.SessionPrevious = request;
        _firstInFlight = request;
        _inFlight++;
    }

    private void Unlink(LiveRequest request)
    {
        if (request.SessionPrevious is null)
            _firstInFlight = request.SessionNext;
        else
            request.SessionPrevious.SessionNext = request.SessionNext;
        if (request.SessionNext is not null)
            request.SessionNext.SessionPrevious = request.SessionPrevious;
        request.SessionPrevious = request.SessionNext = null;
        request.InFlightAt = null;
        _inFlight--;
    }

    private LiveRequest[] DetachAll()
    {
        var all = new LiveRequest[_inFlight];
        for (int i = 0; _firstInFlight is { } request; i++)
        {
            all[i] = request;
            Unlink(request);
        }
        return all;
    }

    private void DropQueue()
    {
        _queue.Clear();
        (_queuedRequests, _queuedBytes) = (0, 0);
    }

    /// <summary>One place in the queue: a request, or a control.</summary>
    private readonly record struct Word(LiveRequest? Request, AgentRequest? Control);
}

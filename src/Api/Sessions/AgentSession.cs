using System.Threading.Tasks.Sources;
using Switchboard.Api.Requests;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Sessions;

/// <summary>
/// One subscription of an agent, as this front door holds it: a shell around <see cref="SessionQueue{TRequest, TControl}"/>, and how it
/// ended. The writer loop is in AgentSession.Writer.cs. An idle session is this object, its books and its stream, without a timer.
/// </summary>
internal sealed partial class AgentSession : IValueTaskSource<bool>, IRouteTarget
{
    private readonly Lock _gate = new();
    private readonly SessionRegistry _registry;
    private readonly ISessionStream _stream;
    private readonly SessionQueue<LiveRequest, AgentRequest> _queue;
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
        _queue = new SessionQueue<LiveRequest, AgentRequest>(MaxInFlight, options.MaxQueuedBytes);
        _queue.Tell(Controls.Welcome(id, options.HeartbeatInterval));
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
                return _queue.IsRetiring;
        }
    }

    public int InFlight
    {
        get
        {
            lock (_gate)
                return _queue.InFlight;
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

    /// <inheritdoc />
    public bool HasEnded => Ended is not null;

    /// <summary>
    /// Takes a request into the queue. <see cref="LiveRequest.Assign"/> comes before it. A request that ended in between is still
    /// taken: whoever offers it looks once more afterwards, and then releases it, as its end may have found nothing to release yet.
    /// </summary>
    public TakeResult Take(LiveRequest request)
    {
        TakeResult result;
        bool wake;
        lock (_gate)
        {
            result = _queue.Take(request);
            wake = result.Outcome == TakeOutcome.Taken && TakeWriter();
        }
        if (wake)
            _something.SetResult(true);
        return result;
    }

    /// <summary>The request has ended: its slot is free from now on. Does nothing where it holds none.</summary>
    public void Release(LiveRequest request)
    {
        lock (_gate)
            _queue.Release(request);
    }

    /// <summary>Puts a control into the queue. False: the session is over, or nobody reads.</summary>
    public bool Tell(AgentRequest control)
    {
        bool wake;
        lock (_gate)
        {
            if (!_queue.Tell(control))
                return false;
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
                return _queue.HasSuccessor;
        }
    }

    /// <summary>The agent has another session now: this one, which was asked to go, takes nothing new and keeps what it has (S2).</summary>
    public void Succeeded()
    {
        lock (_gate)
            _queue.Succeeded();
    }

    /// <summary>The agent is asked to open another session. Until it has one, this one goes on taking requests (PEERS 1.12).</summary>
    public bool Retire(TimeSpan reconnectAfter)
    {
        AgentRequest goAway = Controls.GoAway(SessionEndCause.Draining.Word(), reconnectAfter);
        bool wake;
        lock (_gate)
        {
            if (!_queue.Retire(goAway))
                return false;
            wake = TakeWriter();
        }
        if (wake)
            _something.SetResult(true);
        return true;
    }

    /// <summary>
    /// Ends the session, once. From here on it takes nothing; every request that it holds is told; the writer loop says go_away,
    /// where there is somebody to hear it, and returns.
    /// </summary>
    public bool End(SessionEndCause cause)
    {
        IReadOnlyList<LiveRequest>? held;
        bool wake;
        lock (_gate)
        {
            held = _queue.End(LastWord(cause), dropQueue: cause.IsSilent());
            if (held is null)
                return false;
            (_ended, _endedAt) = (cause, _registry.Clock.Now);
            wake = TakeWriter();
        }
        _registry.Remove(this);
        foreach (LiveRequest request in held)
            request.SessionEnded(this);
        if (wake)
            _something.SetResult(true);
        return true;
    }

    // An agent that was asked to go because this process drains has heard so before.
    private AgentRequest? LastWord(SessionEndCause cause) => cause.IsSilent() || (cause == SessionEndCause.Draining && _queue.IsRetiring)
        ? null
        : Controls.GoAway(cause.Word(), cause.ReconnectAfter(_registry.Options));
}

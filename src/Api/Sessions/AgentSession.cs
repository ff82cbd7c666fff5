using Switchboard.Api.Time;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Sessions;

/// <summary>
/// Represents one subscription of an agent, as this front door holds it: a shell around <see cref="SessionQueue{TRequest, TControl}"/>, and
/// how it ended. The writer loop is in AgentSession.Writer.cs. An idle session is this object, its queue and its stream, without a timer.
/// </summary>
internal sealed partial class AgentSession : IRouteTarget, IRequestHolder
{
    private readonly Lock _gate = new();
    private readonly SessionRegistry _registry;
    private readonly AgentSessionOptions _options;
    private readonly GatewayClock _clock;
    private readonly ISessionStream _stream;
    private readonly SessionQueue<IOutboundRequest, AgentRequest> _queue;
    private SessionEndCause? _ended;
    private TimeSpan _endedAt;

    public AgentSession(
        SessionRegistry registry, AgentSessionOptions options, GatewayClock clock, SessionId id, Subscriber subscriber, ISessionStream stream)
    {
        _registry = registry;
        _options = options;
        _clock = clock;
        _stream = stream;
        Id = id;
        Subscriber = subscriber;
        MaxInFlight = subscriber.MaxInFlight == 0
            ? options.DefaultMaxInFlight
            : (int)Math.Min(subscriber.MaxInFlight, (uint)options.MaxInFlightLimit);
        _lastWrite = clock.Now;
        _reconcileAt = _lastWrite + options.ReconcileInterval;
        // Before the session is published, so that nothing can be queued before it.
        _queue = new SessionQueue<IOutboundRequest, AgentRequest>(MaxInFlight, options.MaxQueuedBytes);
        _queue.TryEnqueue(ControlMessages.Welcome(id, options.HeartbeatInterval));
    }

    public SessionId Id { get; }

    public Subscriber Subscriber { get; }

    public AgentKey Agent => Subscriber.Agent;

    public int MaxInFlight { get; }

    /// <summary>
    /// Gets or sets whether its agent's grain has been asked to connect it. A grain that has not been asked does not know it.
    /// </summary>
    public bool ConnectAsked { get; set; }

    /// <summary>The number that the agent's grain gave; 0 while the connect is under way.</summary>
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
            {
                return _queue.IsRetiring;
            }
        }
    }

    public int InFlight
    {
        get
        {
            lock (_gate)
            {
                return _queue.InFlight;
            }
        }
    }

    /// <summary>Gets why it has ended; null if it has not.</summary>
    public SessionEndCause? Ended
    {
        get
        {
            lock (_gate)
            {
                return _ended;
            }
        }
    }

    /// <inheritdoc />
    public bool HasEnded => Ended is not null;

    /// <summary>
    /// Takes a request into the queue. <see cref="LiveExchange{TSession, TMessage}.Assign"/> comes before it. A request that ended in
    /// between is still taken: the caller checks it again afterwards, and then releases it, as its end may have found nothing to release
    /// yet.
    /// </summary>
    public TakeResult Take(IOutboundRequest request)
    {
        TakeResult result;
        bool wake;
        lock (_gate)
        {
            result = _queue.Take(request);
            wake = result.Outcome == TakeOutcome.Taken && TakeWriter();
        }
        if (wake)
        {
            _something.Set();
        }

        return result;
    }

    /// <summary>Releases the slot of a request that has ended. Does nothing if it holds none.</summary>
    public void Release(IOutboundRequest request)
    {
        lock (_gate)
        {
            _queue.Release(request);
        }
    }

    /// <summary>Queues a cancel notice: no caller waits for the response any more.</summary>
    public void Cancel(RequestId request, Verdict verdict) => TryEnqueue(ControlMessages.Cancel(request, verdict));

    /// <summary>Queues a control message. False: the session has ended, or its agent does not read.</summary>
    public bool TryEnqueue(AgentRequest control)
    {
        bool wake;
        lock (_gate)
        {
            if (!_queue.TryEnqueue(control))
            {
                return false;
            }

            wake = TakeWriter();
        }
        if (wake)
        {
            _something.Set();
        }

        return true;
    }

    /// <summary>Gets whether the agent is served by another session, so that this one takes nothing new.</summary>
    public bool HasSuccessor
    {
        get
        {
            lock (_gate)
            {
                return _queue.HasSuccessor;
            }
        }
    }

    /// <summary>
    /// Notes that the agent has another session: this one, which was asked to go, takes no new requests and keeps what it has (S2).
    /// </summary>
    public void Succeeded()
    {
        lock (_gate)
        {
            _queue.Succeeded();
        }
    }

    /// <summary>Asks the agent to open another session. Until it has one, this one goes on taking requests (S2).</summary>
    public bool Retire(TimeSpan reconnectAfter)
    {
        var goAway = ControlMessages.GoAway(SessionEndCause.Draining.ToReason(), reconnectAfter);
        bool wake;
        lock (_gate)
        {
            if (!_queue.Retire(goAway))
            {
                return false;
            }

            wake = TakeWriter();
        }
        if (wake)
        {
            _something.Set();
        }

        return true;
    }

    /// <summary>
    /// Ends the session, once. From here on it takes nothing; every request that it holds is notified; the writer loop writes go_away,
    /// unless the agent is gone, and returns.
    /// </summary>
    public bool End(SessionEndCause cause)
    {
        IReadOnlyList<IOutboundRequest>? held;
        bool wake;
        lock (_gate)
        {
            held = _queue.End(GoAwayOf(cause), dropQueue: cause.IsSilent());
            if (held is null)
            {
                return false;
            }

            (_ended, _endedAt) = (cause, _clock.Now);
            wake = TakeWriter();
        }
        _registry.Remove(this);
        foreach (var request in held)
        {
            request.SessionEnded(this);
        }

        if (wake)
        {
            _something.Set();
        }

        return true;
    }

    // An agent that was asked to go because this process drains has received its go_away before.
    private AgentRequest? GoAwayOf(SessionEndCause cause) => cause.IsSilent() || (cause == SessionEndCause.Draining && _queue.IsRetiring)
        ? null
        : ControlMessages.GoAway(cause.ToReason(), cause.ReconnectAfter(_options));
}

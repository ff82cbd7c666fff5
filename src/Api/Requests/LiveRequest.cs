using Switchboard.Api.Sessions;
using Switchboard.Api.Time;
using Switchboard.Core.Admission;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.V1;
using Effects = Switchboard.Core.Requests.ExchangeEffects<Switchboard.V1.AgentResponse>;

namespace Switchboard.Api.Requests;

/// <summary>
/// Represents one request under way at this front door: a shell around <see cref="LiveExchange{TSession, TMessage}"/>. Four sides call it:
/// the caller's (<see cref="RequestForwarder"/>, in order), the agent's session (LiveRequest.Session.cs), the agent's response calls
/// (LiveRequest.Response.cs), and the clock. The lock is the exchange itself; nothing else is called under it. The effects of a change are
/// carried out after the lock is released.
/// </summary>
internal sealed partial class LiveRequest : TimerWheelEntry, IOutboundRequest
{
    private readonly LiveExchange<IRequestHolder, AgentResponse> _exchange;
    private readonly InFlightRequests _inFlight;
    private readonly RequestOptions _options;
    private readonly GatewayClock _clock;
    private readonly AsyncSignal _moved = new();
    private AgentRequest? _message;
    private int _status;
    private long _responseBytes;

    public LiveRequest(
        InFlightRequests inFlight, RequestOptions options, GatewayClock clock, RequestId id, RequestTerms terms, AgentRequest message, int size)
    {
        _inFlight = inFlight;
        _options = options;
        _clock = clock;
        _exchange = new LiveExchange<IRequestHolder, AgentResponse>(new ExchangeTerms
        {
            Arrived = terms.Arrived,
            Deadline = terms.Deadline,
            CallerLate = terms.CallerDeadline - RequestTerms.BeforeCaller,
            WaitForAgentUntil = terms.WaitForAgentUntil,
            IdleTimeout = options.IdleTimeout,
            ResponseWindowBytes = options.ResponseWindowBytes,
        });
        _message = message;
        Cost = CostOf(message, size);
        Id = id;
        Terms = terms;
    }

    public RequestId Id { get; }

    public RequestTerms Terms { get; }

    /// <summary>The cost of its message until it is sent, in bytes, with what the gateway adds.</summary>
    public long Cost { get; }

    /// <summary>The caller's stream; aborted if the caller stops reading.</summary>
    public IResponseSink? Sink { get; set; }

    /// <summary>Its entry among those that wait for the agent; null if it does not wait.</summary>
    internal WaiterLists<AgentKey, LiveRequest>.Entry? WaiterEntry { get; set; }

    /// <inheritdoc />
    public IOutboundRequest? SessionPrevious { get; set; }

    /// <inheritdoc />
    public IOutboundRequest? SessionNext { get; set; }

    /// <inheritdoc />
    public object? InFlightAt { get; set; }

    /// <summary>The agent's status, once the first part of the response was read. Used by the caller's side only.</summary>
    public int Status => _status;

    /// <summary>Gets whether something is being written to the caller.</summary>
    public bool IsCallersTurn
    {
        get
        {
            lock (_exchange)
            {
                return _exchange.IsCallersTurn;
            }
        }
    }

    public bool HasEnded
    {
        get
        {
            lock (_exchange)
            {
                return _exchange.State == RequestState.Ended;
            }
        }
    }

    /// <summary>The time left until the deadline; zero or less once it has passed.</summary>
    public TimeSpan TimeLeft => Terms.Deadline - Now;

    /// <inheritdoc cref="LiveExchange{TSession, TMessage}.FirstLook"/>
    public TimeSpan FirstLook => _exchange.FirstLook;

    private TimeSpan Now => _clock.Now;

    /// <inheritdoc cref="LiveExchange{TSession, TMessage}.IsOver"/>
    public bool IsOver()
    {
        Effects effects = default;
        bool over;
        lock (_exchange)
        {
            over = _exchange.IsOver(Now, ref effects);
        }

        Apply(effects);
        return over;
    }

    /// <summary>Ends it, unless it has ended.</summary>
    public bool End(Verdict verdict, string detail)
    {
        Effects effects = default;
        bool ended;
        lock (_exchange)
        {
            ended = _exchange.End(verdict, detail, Now, ref effects);
        }

        Apply(effects);
        return ended;
    }

    /// <inheritdoc cref="LiveExchange{TSession, TMessage}.CallerGone"/>
    public void CallerGone()
    {
        Effects effects = default;
        lock (_exchange)
        {
            _exchange.CallerGone(Now, ref effects);
        }

        Apply(effects);
    }

    /// <summary>Checks the times: deadline, pauses within a response, and a caller that does not read.</summary>
    protected internal override TimeSpan? OnDue(TimeSpan now)
    {
        Effects effects = default;
        TimeSpan? again;
        lock (_exchange)
        {
            again = _exchange.Look(now, ref effects);
        }

        Apply(effects);
        return again;
    }

    public RequestResult Result()
    {
        lock (_exchange)
        {
            return new RequestResult(
                Id, _exchange.Verdict ?? Verdict.Internal, _exchange.WasSent, _exchange.FirstMessageAt is not null, _exchange.Detail ?? "");
        }
    }

    public RequestSummary Summary()
    {
        lock (_exchange)
        {
            return SummaryLocked();
        }
    }

    /// <summary>Returns the cost of a request's message until it is sent, in bytes.</summary>
    internal static long CostOf(AgentRequest message, int size) =>
        MessageCost.Of(size, message.Body.Length, message.Headers.Count + message.HeaderList.Count);

    private RequestSummary SummaryLocked() => new()
    {
        Agent = Terms.Agent,
        Method = Terms.Method,
        State = _exchange.State,
        Verdict = _exchange.Verdict,
        Sent = _exchange.WasSent,
        Attempt = AttemptLocked(),
        Arrived = Terms.Arrived,
        SentAt = _exchange.SentAt,
        ResponseBegan = _exchange.ResponseBegan,
        FirstMessageAt = _exchange.FirstMessageAt,
        Ended = _exchange.EndedAt,
        Deadline = Terms.Deadline,
        RequestBytes = Terms.BodyBytes,
        ResponseBytes = _responseBytes,
        Status = _status,
        Durable = Id.IsDurable,
        AgentAway = _exchange.AgentAway,
    };

    private uint AttemptLocked() => _exchange.Attempt + Terms.EarlierAttempts;

    /// <summary>
    /// Drops the message, whose bytes count as held until here. Once sent it is not sent again, so its body need not be kept while the
    /// agent works.
    /// </summary>
    internal AgentRequest? DropMessage()
    {
        var message = Interlocked.Exchange(ref _message, null);
        if (message is not null)
        {
            _inFlight.Bytes.Release(Cost);
        }

        return message;
    }

    /// <summary>Returns how it ended, and what is still to be done for that. Called once, by the side that closes it.</summary>
    internal (IRequestHolder? Holder, Verdict Verdict, bool OwesCancel, RequestSummary Summary) Conclude()
    {
        lock (_exchange)
        {
            return (_exchange.Session, _exchange.Verdict ?? Verdict.Internal, _exchange.OwesCancel, SummaryLocked());
        }
    }

    // Never under the lock. The request is closed before its caller is woken, so that a caller that sees the end finds nothing left of the
    // request.
    private void Apply(in Effects effects)
    {
        if (effects.Held != 0)
        {
            _inFlight.Bytes.Charge(effects.Held);
        }

        if (effects.Ended)
        {
            _inFlight.Close(this);
        }

        if (effects.WakeCaller)
        {
            _moved.Set();
        }

        effects.SignalResponses();
        if (effects.CutCaller)
        {
            Sink?.Abort();
        }
    }
}

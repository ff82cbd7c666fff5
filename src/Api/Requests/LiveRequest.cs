using System.Threading.Tasks.Sources;
using Switchboard.Api.Sessions;
using Switchboard.Core.Admission;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.V1;
using Effects = Switchboard.Core.Requests.ExchangeEffects<Switchboard.V1.AgentResponse>;

namespace Switchboard.Api.Requests;

/// <summary>
/// One request under way at this front door: a shell around <see cref="LiveExchange{TSession, TMessage}"/>. Three sides touch it: the
/// caller's (<see cref="LiveRequests"/>, in order), the agent's session (LiveRequest.Session.cs), the agent's answer calls
/// (LiveRequest.Answer.cs); and the clock. The lock is the exchange itself; nothing else is called under it. What a change entails is done
/// when the lock is free.
/// </summary>
internal sealed partial class LiveRequest : WheelEntry, IValueTaskSource<bool>, ISessionRequest<LiveRequest>
{
    private readonly LiveExchange<AgentSession, AgentResponse> _exchange;
    private readonly RequestRegister _register;
    private ManualResetValueTaskSourceCore<bool> _moved = new() { RunContinuationsAsynchronously = true };
    private AgentRequest? _message;
    private int _status;
    private long _answerBytes;

    public LiveRequest(RequestRegister register, RequestId id, RequestTerms terms, AgentRequest message, int size)
    {
        _register = register;
        _exchange = new LiveExchange<AgentSession, AgentResponse>(new ExchangeTerms
        {
            Arrived = terms.Arrived,
            Deadline = terms.Deadline,
            CallerLate = terms.CallerDeadline - RequestTerms.BeforeCaller,
            WaitForAgentUntil = terms.WaitForAgentUntil,
            IdleTimeout = register.Options.IdleTimeout,
            AnswerWindowBytes = register.Options.AnswerWindowBytes,
        });
        _message = message;
        Cost = CostOf(message, size);
        Id = id;
        Terms = terms;
    }

    public RequestId Id { get; }

    public RequestTerms Terms { get; }

    /// <summary>What its message costs until it is sent, in bytes, with what the gateway adds.</summary>
    public long Cost { get; }

    /// <summary>The caller's stream; cut where it has stopped moving.</summary>
    public IAnswerSink? Sink { get; set; }

    /// <summary>Its place among those who wait for the agent; null: it has none.</summary>
    internal WaitingRoom<AgentKey, LiveRequest>.Place? Place { get; set; }

    /// <inheritdoc />
    public LiveRequest? SessionPrevious { get; set; }

    /// <inheritdoc />
    public LiveRequest? SessionNext { get; set; }

    /// <inheritdoc />
    public object? InFlightAt { get; set; }

    /// <summary>The agent's status, once the first part of the answer was read. For the caller's side.</summary>
    public int Status => _status;

    /// <summary>Is something being written to the caller?</summary>
    public bool IsCallersTurn
    {
        get
        {
            lock (_exchange)
                return _exchange.IsCallersTurn;
        }
    }

    public bool HasEnded
    {
        get
        {
            lock (_exchange)
                return _exchange.State == RequestState.Ended;
        }
    }

    /// <summary>What is left until the deadline; not more than zero once it has passed.</summary>
    public TimeSpan TimeLeft => Terms.Deadline - Now;

    /// <inheritdoc cref="LiveExchange{TSession, TMessage}.FirstLook"/>
    public TimeSpan FirstLook => _exchange.FirstLook;

    private TimeSpan Now => _register.Clock.Now;

    /// <inheritdoc cref="LiveExchange{TSession, TMessage}.IsOver"/>
    public bool IsOver()
    {
        Effects effects = default;
        bool over;
        lock (_exchange)
            over = _exchange.IsOver(Now, ref effects);
        Do(effects);
        return over;
    }

    /// <summary>Ends it, unless it has ended.</summary>
    public bool End(Verdict verdict, string detail)
    {
        Effects effects = default;
        bool ended;
        lock (_exchange)
            ended = _exchange.End(verdict, detail, Now, ref effects);
        Do(effects);
        return ended;
    }

    /// <inheritdoc cref="LiveExchange{TSession, TMessage}.CallerGone"/>
    public void CallerGone()
    {
        Effects effects = default;
        lock (_exchange)
            _exchange.CallerGone(Now, ref effects);
        Do(effects);
    }

    /// <summary>The clock: deadline, pauses within an answer, and a caller that takes nothing more.</summary>
    protected internal override TimeSpan? OnDue(TimeSpan now)
    {
        Effects effects = default;
        TimeSpan? again;
        lock (_exchange)
            again = _exchange.Look(now, ref effects);
        Do(effects);
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

    public EndedRequest Summary()
    {
        lock (_exchange)
        {
            return new EndedRequest
            {
                Agent = Terms.Agent,
                Method = Terms.Method,
                State = _exchange.State,
                Verdict = _exchange.Verdict,
                Sent = _exchange.WasSent,
                Attempt = AttemptLocked(),
                Arrived = Terms.Arrived,
                SentAt = _exchange.SentAt,
                AnswerBegan = _exchange.AnswerBegan,
                FirstMessageAt = _exchange.FirstMessageAt,
                Ended = _exchange.EndedAt,
                Deadline = Terms.Deadline,
                RequestBytes = Terms.BodyBytes,
                AnswerBytes = _answerBytes,
                Status = _status,
                Durable = Id.IsDurable,
                AgentAway = _exchange.AgentAway,
            };
        }
    }

    /// <summary>What a request's message costs until it is sent, in bytes.</summary>
    internal static long CostOf(AgentRequest message, int size) =>
        MessageCost.Of(size, message.Body.Length, message.Headers.Count + message.HeaderList.Count);

    private uint AttemptLocked() => _exchange.Attempt + Terms.EarlierAttempts;

    // Its bytes count as held until here; the caller's side asked for them when it entered the books. Sent, it is not sent twice, so its
    // body need not be kept while the agent thinks.
    private AgentRequest? DropMessage()
    {
        AgentRequest? message = Interlocked.Exchange(ref _message, null);
        if (message is not null)
            _register.Limits.Bytes.Give(Cost);
        return message;
    }

    // Never under the lock. The books are closed before the caller is woken: who sees the end finds nothing left of the request.
    private void Do(in Effects effects)
    {
        if (effects.Held != 0)
            _register.Held(effects.Held);
        if (effects.Ended)
        {
            DropMessage();
            _register.Close(this);
        }
        if (effects.WakeCaller)
            _moved.SetResult(true);
        effects.TellAnswers();
        if (effects.CutCaller)
            Sink?.Abort();
    }

    /// <summary>The session it was sent to, and whether that one should be told that nobody waits any more.</summary>
    internal (AgentSession? Session, Verdict Verdict, bool Tell) Farewell()
    {
        lock (_exchange)
            return (_exchange.Session, _exchange.Verdict ?? Verdict.Internal, _exchange.OwesCancel);
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _moved.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _moved.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _moved.OnCompleted(continuation, state, token, flags);
}

using System.Threading.Tasks.Sources;
using Switchboard.Api.Admission;
using Switchboard.Api.Sessions;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <summary>
/// One request under way at this front door: the pure <see cref="RequestLifecycle"/> behind a lock, and who waits for it. Three sides
/// touch it: the caller's (<see cref="LiveRequests"/>, in order), the agent's session (its writer loop), the agent's answer calls
/// (LiveRequest.Answer.cs); and the clock. LiveRequest.Waiting.cs is about an agent that is away. The lock is the lifecycle itself; nothing is called under it but the lifecycle and the pipe.
/// What a change entails is collected in <see cref="After"/> and done when the lock is free.
/// </summary>
internal sealed partial class LiveRequest : WheelEntry, IValueTaskSource<bool>
{
    private readonly RequestLifecycle _life;
    private readonly RequestRegister _register;
    private ManualResetValueTaskSourceCore<bool> _moved = new() { RunContinuationsAsynchronously = true };
    private bool _waiting;
    private bool _returned;
    private bool _callersTurn;
    private bool _endSeen;
    private AgentRequest? _message;
    private AgentSession? _session;
    private AnswerCall? _answer;
    private TimeSpan _idleSince;
    private TimeSpan? _answerBegan;
    private int _status;
    private long _answerBytes;
    private string? _detail;

    public LiveRequest(RequestRegister register, RequestId id, RequestTerms terms, AgentRequest message, int size)
    {
        _register = register;
        _life = new RequestLifecycle(terms.Arrived, terms.Deadline);
        _message = message;
        Size = size;
        Id = id;
        Terms = terms;
        _idleSince = terms.Arrived;
    }

    public RequestId Id { get; }

    public RequestTerms Terms { get; }

    /// <summary>Its message as serialised, in bytes, with what the gateway adds.</summary>
    public int Size { get; }

    /// <summary>The limit by which a session refused it last, and how much that allows. Only the side that offers it touches it.</summary>
    public (AdmissionLimit Limit, int Value) RefusedBy { get; set; }

    /// <summary>How often it was offered to a session. Only the caller's side touches it.</summary>
    public int HandOvers { get; set; }

    /// <summary>The last session that turned out not to be there, or 0. Only the caller's side touches it.</summary>
    public ulong RefusedSession { get; set; }

    /// <summary>The caller's stream; cut where it has stopped moving.</summary>
    public IAnswerSink? Sink { get; set; }

    /// <summary>The session's own list of what it has; guarded by the session's lock.</summary>
    internal LiveRequest? SessionPrevious { get; set; }

    /// <inheritdoc cref="SessionPrevious"/>
    internal LiveRequest? SessionNext { get; set; }

    /// <inheritdoc cref="SessionPrevious"/>
    internal AgentSession? InFlightAt { get; set; }

    /// <summary>The agent's status, once the first part of the answer was read. For the caller's side.</summary>
    public int Status => _status;

    /// <summary>Is something being written to the caller?</summary>
    public bool IsCallersTurn
    {
        get
        {
            lock (_life)
                return _callersTurn;
        }
    }

    public bool HasEnded
    {
        get
        {
            lock (_life)
                return _life.State == RequestState.Ended;
        }
    }

    /// <summary>What is left until the deadline; not more than zero once it has passed.</summary>
    public TimeSpan TimeLeft => Terms.Deadline - _register.Clock.Now;

    /// <summary>Is it over, by now at the latest? To be asked after every await: the timer may be later than the thread that waited.</summary>
    public bool IsOver()
    {
        After after = default;
        lock (_life)
        {
            if (_life.State != RequestState.Ended && _life.DeadlineReached(_register.Clock.Now) != DeadlineOutcome.Ended)
                return false;
            after = AfterEnd();
        }
        Do(after);
        return true;
    }

    /// <summary>Ends it, unless it has ended.</summary>
    public bool End(Verdict verdict, string detail)
    {
        After after;
        lock (_life)
        {
            if (!_life.End(verdict, _register.Clock.Now))
                return false;
            _detail = detail;
            after = AfterEnd();
        }
        Do(after);
        return true;
    }

    /// <summary>
    /// The caller's call is over. Where its own deadline did that, it is a deadline: ours falls before it, but may not have been
    /// looked at yet; and in mid-answer only the caller's is left.
    /// </summary>
    public void CallerGone()
    {
        After after;
        lock (_life)
        {
            TimeSpan now = _register.Clock.Now;
            if (_life.State == RequestState.Ended)
                return;
            if (_life.DeadlineReached(now) != DeadlineOutcome.Ended)
            {
                bool late = Terms.CallerDeadline is { } callers && now >= callers - RequestTerms.BeforeCaller;
                _life.End(late ? Verdict.Stalled : Verdict.CallerCancelled, now);
                _detail = late ? "the caller's deadline passed before the answer was complete" : "the caller went away";
            }
            after = AfterEnd();
        }
        Do(after);
    }

    /// <summary>The clock: deadline, pauses within an answer, and a caller that takes nothing more.</summary>
    protected internal override TimeSpan? OnDue(TimeSpan now)
    {
        After after = default;
        TimeSpan? again;
        lock (_life)
        {
            again = OnDueLocked(now, ref after);
        }
        Do(after);
        return again;
    }

    private TimeSpan? OnDueLocked(TimeSpan now, ref After after)
    {
        switch (_life.DeadlineReached(now))
        {
            case DeadlineOutcome.TooEarly:
                return WaitDueLocked(now, ref after);
            case DeadlineOutcome.Ended:
                after = AfterEnd();
                break;
        }
        // Past its end only a write to the caller that hangs is left to be watched.
        if (_life.State == RequestState.Ended && !_callersTurn)
            return null;
        TimeSpan idleAt = _idleSince + _register.Options.IdleTimeout;
        if (now < idleAt)
            return idleAt;
        if (_life.End(Verdict.Stalled, now))
        {
            _detail = _callersTurn ? "the caller stopped reading" : "the agent stopped in the middle of its answer";
            after = AfterEnd();
        }
        if (_callersTurn)
            after.Cut = Sink;
        return null;
    }

    public RequestResult Result()
    {
        lock (_life)
            return new RequestResult(Id, _life.Verdict ?? Verdict.Internal, _life.WasSent, _life.FirstMessageAt is not null, _detail ?? "");
    }

    public EndedRequest Summary()
    {
        lock (_life)
        {
            return new EndedRequest
            {
                Agent = Terms.Agent,
                Method = Terms.Method,
                State = _life.State,
                Verdict = _life.Verdict,
                Sent = _life.WasSent,
                Attempt = AttemptLocked(),
                Arrived = _life.ArrivedAt,
                SentAt = _life.SentAt,
                AnswerBegan = _answerBegan,
                FirstMessageAt = _life.FirstMessageAt,
                Ended = _life.EndedAt,
                Deadline = _life.DeadlineAt,
                RequestBytes = Terms.BodyBytes,
                AnswerBytes = _answerBytes,
                Status = _status,
                Durable = Id.IsDurable,
                AgentAway = _away,
            };
        }
    }

    private uint AttemptLocked() => _life.Attempt + Terms.EarlierAttempts;

    // Under the lock, when the lifecycle has just ended, and each time it is found so: only the first has anything to do.
    private After AfterEnd()
    {
        if (_endSeen)
            return default;
        _endSeen = true;
        EndWaitLocked();
        var after = new After { Ended = true, Wake = TakeWaiter() };
        DropMessageLocked();
        if (_answer is { } answer)
            CloseAnswer(answer, _life.Verdict == Verdict.Answered ? AnswerCallResult.Done : AnswerCallResult.RequestOver, ref after);
        return after;
    }

    // Its bytes count as held until here; the caller's side asked for them when it entered the books.
    private void DropMessageLocked()
    {
        if (_message is null)
            return;
        _message = null;
        _register.Limits.Bytes.Give(Size);
    }

    private bool TakeWaiter()
    {
        bool waited = _waiting;
        _waiting = false;
        return waited;
    }

    // Never under the lock. The books are closed before the caller is woken: who sees the end finds nothing left of the request.
    private void Do(in After after)
    {
        if (after.Ended)
            _register.Close(this);
        if (after.Wake)
            _moved.SetResult(true);
        if (after.WakeAnswer is { } waiting)
            waiting.Wake();
        if (after.CancelAnswer is { } reading)
            reading.CancelRead();
        after.Cut?.Abort();
    }

    /// <summary>The session it was sent to, and whether that one should be told that nobody waits any more.</summary>
    internal (AgentSession? Session, Verdict Verdict, bool Tell) Farewell()
    {
        lock (_life)
        {
            Verdict verdict = _life.Verdict ?? Verdict.Internal;
            bool agentKnows = verdict is Verdict.Answered or Verdict.AgentFailed or Verdict.AgentDisconnected;
            return (_session, verdict, _life.WasSent && !agentKnows);
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _moved.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _moved.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _moved.OnCompleted(continuation, state, token, flags);

    private struct After
    {
        public bool Ended;
        public bool Wake;
        public AnswerCall? WakeAnswer;
        public AnswerCall? CancelAnswer;
        public IAnswerSink? Cut;
    }
}

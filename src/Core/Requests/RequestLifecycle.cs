using Switchboard.Core.Agents;

namespace Switchboard.Core.Requests;

/// <summary>Implements the state machine of one request: <c>accepted → sent → answering → ended</c>, with exactly one verdict.</summary>
/// <remarks>
/// Not thread-safe: its shell locks around each call and acts on the outcome outside of the lock. Each call that can end the request
/// returns whether it did, so that of racing events exactly one notifies the caller. Times are since a fixed origin, by a monotonic clock.
/// Invariants: README.md beside this file.
/// </remarks>
public sealed class RequestLifecycle
{
    /// <summary>Initializes a request that has arrived.</summary>
    /// <param name="arrived">When it arrived.</param>
    /// <param name="deadline">When the first message of its response must have been handed over, by the same clock.</param>
    public RequestLifecycle(TimeSpan arrived, TimeSpan deadline)
    {
        ArrivedAt = arrived;
        DeadlineAt = deadline;
    }

    /// <summary>The state.</summary>
    public RequestState State { get; private set; }

    /// <summary>The verdict; null until it has ended, and never changed after.</summary>
    public Verdict? Verdict { get; private set; }

    /// <summary>The session that it was sent to; null until then.</summary>
    public SessionId? Session { get; private set; }

    /// <summary>The number of times it was sent; the protocol's <c>attempt</c>.</summary>
    public uint Attempt { get; private set; }

    /// <summary>Whether an agent may have seen it, on which a caller's retry depends.</summary>
    public bool WasSent => SentAt is not null;

    /// <summary>When it arrived.</summary>
    public TimeSpan ArrivedAt { get; }

    /// <summary>When the first message must have been handed over.</summary>
    public TimeSpan DeadlineAt { get; }

    /// <summary>When it was sent.</summary>
    public TimeSpan? SentAt { get; private set; }

    /// <summary>When the first message of the response was handed to the caller.</summary>
    public TimeSpan? FirstMessageAt { get; private set; }

    /// <summary>When it ended.</summary>
    public TimeSpan? EndedAt { get; private set; }

    /// <summary>The current response call. After the end: the one that was current then, which ends CANCELLED.</summary>
    public long? CurrentResponseCall { get; private set; }

    /// <summary>The call that the last <see cref="BeginResponseOutcome.GrantedInsteadOf"/> superseded; it ends ABORTED.</summary>
    public long? Replaced { get; private set; }

    /// <summary>Marks it as sent to a session. It may be written only after <see cref="SendOutcome.Sent"/>.</summary>
    public SendOutcome TrySend(SessionId session, TimeSpan now)
    {
        if (State == RequestState.Ended)
        {
            return SendOutcome.AlreadyEnded;
        }

        if (State != RequestState.Accepted)
        {
            return SendOutcome.AlreadySent;
        }
        // Checked here and not only by the timer: after an await the deadline may have passed and the timer not have fired yet.
        if (now >= DeadlineAt)
        {
            End(Requests.Verdict.ExpiredUnsent, now);
            return SendOutcome.Expired;
        }
        State = RequestState.Sent;
        Session = session;
        Attempt++;
        SentAt = now;
        return SendOutcome.Sent;
    }

    /// <summary>
    /// Takes back a send, which another front door reports as not done. A deadline that passed before that stays, judged by what was known
    /// then.
    /// </summary>
    /// <returns>False: it was sent to another session, a response has come, or it has ended.</returns>
    public bool TakeBack(SessionId session)
    {
        if (State != RequestState.Sent || session != Session || CurrentResponseCall is not null)
        {
            return false;
        }

        State = RequestState.Accepted;
        Session = null;
        SentAt = null;
        Attempt--;
        return true;
    }

    /// <summary>Opens a response call.</summary>
    /// <param name="session">The session of the agent that opened it.</param>
    /// <param name="responseCall">The shell's number of the call, different for each.</param>
    /// <param name="now">The time.</param>
    public BeginResponseOutcome BeginResponse(SessionId session, long responseCall, TimeSpan now)
    {
        if (State == RequestState.Ended)
        {
            return BeginResponseOutcome.Ended;
        }

        if (State == RequestState.Accepted)
        {
            return BeginResponseOutcome.NotSent;
        }

        if (session != Session)
        {
            return BeginResponseOutcome.WrongSession;
        }

        if (State == RequestState.Answering)
        {
            return BeginResponseOutcome.AlreadyResponding;
        }

        if (CurrentResponseCall is null || CurrentResponseCall == responseCall)
        {
            CurrentResponseCall = responseCall;
            return BeginResponseOutcome.Granted;
        }
        Replaced = CurrentResponseCall;
        CurrentResponseCall = responseCall;
        return BeginResponseOutcome.GrantedInsteadOf;
    }

    /// <summary>
    /// Notes that a call's first message is about to go to the caller: from here on no other call can take over. False if the call is not
    /// the current one (another superseded it, or the request has ended), and then the message must not go.
    /// </summary>
    public bool FirstMessageHanded(long responseCall, TimeSpan now)
    {
        if (!MayHandOver(responseCall))
        {
            return false;
        }

        if (State == RequestState.Sent)
        {
            State = RequestState.Answering;
            FirstMessageAt = now;
        }
        return true;
    }

    /// <summary>Returns whether a call's next message is for the caller.</summary>
    public bool MayHandOver(long responseCall) => State != RequestState.Ended && CurrentResponseCall == responseCall;

    /// <summary>Notes that a response call has ended, from the agent's side.</summary>
    public ResponseCallOutcome ResponseCallEnded(long responseCall, ResponseCallEnd how, TimeSpan now)
    {
        // Call 1 is superseded by call 2 and only then seen to break: it must not end call 2.
        if (!MayHandOver(responseCall))
        {
            return ResponseCallOutcome.NotConcerned;
        }

        CurrentResponseCall = null;
        if (how == ResponseCallEnd.BrokeOff && State == RequestState.Sent)
        {
            return ResponseCallOutcome.StillSent;
        }

        End(how switch
        {
            ResponseCallEnd.Completed => Requests.Verdict.Answered,
            ResponseCallEnd.TooLarge => Requests.Verdict.TooLarge,
            _ => Requests.Verdict.AgentFailed,
        }, now);
        return ResponseCallOutcome.Ended;
    }

    /// <summary>Notes that a session has ended: displaced, or its connection is gone.</summary>
    /// <remarks>
    /// A response has begun when a message has been handed to the caller. A response call that was only opened ends with its session: one
    /// that is about to send cannot be told from one whose process has died.
    /// </remarks>
    public SessionEndOutcome SessionEnded(SessionId session, TimeSpan now)
    {
        if (State == RequestState.Accepted)
        {
            return SessionEndOutcome.Unsent;
        }

        if (State == RequestState.Ended || session != Session)
        {
            return SessionEndOutcome.NotConcerned;
        }

        if (State == RequestState.Answering)
        {
            return SessionEndOutcome.GoesOn;
        }

        End(Requests.Verdict.AgentDisconnected, now);
        return SessionEndOutcome.Ended;
    }

    /// <summary>Takes the firing of the deadline's timer.</summary>
    public DeadlineOutcome DeadlineReached(TimeSpan now)
    {
        if (State is RequestState.Answering or RequestState.Ended)
        {
            return DeadlineOutcome.NoLongerApplies;
        }

        if (now < DeadlineAt)
        {
            return DeadlineOutcome.TooEarly;
        }

        End(State == RequestState.Accepted ? Requests.Verdict.ExpiredUnsent : Requests.Verdict.FirstMessageTimeout, now);
        return DeadlineOutcome.Ended;
    }

    /// <summary>Ends it with any other verdict. True for the one call that ended it, false if it had ended before.</summary>
    public bool End(Verdict verdict, TimeSpan now)
    {
        if (State == RequestState.Ended)
        {
            return false;
        }

        State = RequestState.Ended;
        Verdict = verdict;
        EndedAt = now;
        return true;
    }
}

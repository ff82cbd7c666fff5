using Switchboard.Core.Agents;

namespace Switchboard.Core.Requests;

/// <summary>One request's state machine: <c>accepted → sent → answering → ended</c>, and exactly one verdict.</summary>
/// <remarks>
/// Not thread-safe: its shell locks around each call and acts on the outcome outside of the lock. Each call that can end the
/// request says whether it was the one that did, so that of racing events exactly one tells the caller. Times are since a
/// fixed origin, by a monotonic clock. Invariants: README.md beside this file.
/// </remarks>
public sealed class RequestLifecycle
{
    /// <summary>A request that has arrived.</summary>
    /// <param name="arrived">When.</param>
    /// <param name="deadline">Until when the first message of its answer must have been handed over, by the same clock.</param>
    public RequestLifecycle(TimeSpan arrived, TimeSpan deadline)
    {
        ArrivedAt = arrived;
        DeadlineAt = deadline;
    }

    /// <summary>Where it is.</summary>
    public RequestState State { get; private set; }

    /// <summary>How it ended; null until then, and never changed after.</summary>
    public Verdict? Verdict { get; private set; }

    /// <summary>The session that it was sent to; null until then.</summary>
    public SessionId? Session { get; private set; }

    /// <summary>How often it was sent; the protocol's <c>attempt</c>.</summary>
    public uint Attempt { get; private set; }

    /// <summary>The one bit that a caller needs who thinks of trying again: may an agent have seen it.</summary>
    public bool WasSent => SentAt is not null;

    /// <summary>When it arrived.</summary>
    public TimeSpan ArrivedAt { get; }

    /// <summary>Until when the first message must have been handed over.</summary>
    public TimeSpan DeadlineAt { get; }

    /// <summary>When it was sent.</summary>
    public TimeSpan? SentAt { get; private set; }

    /// <summary>When the first message of the answer was handed to the caller.</summary>
    public TimeSpan? FirstMessageAt { get; private set; }

    /// <summary>When it ended.</summary>
    public TimeSpan? EndedAt { get; private set; }

    /// <summary>The answer call that has the word. After the end: the one that was open then, which ends CANCELLED.</summary>
    public long? CurrentAnswerCall { get; private set; }

    /// <summary>The call that the last <see cref="BeginAnswerOutcome.GrantedInsteadOf"/> took the word from; it ends ABORTED.</summary>
    public long? Replaced { get; private set; }

    /// <summary>Asks to send it to a session. Only <see cref="SendOutcome.Sent"/> allows it.</summary>
    public SendOutcome TrySend(SessionId session, TimeSpan now)
    {
        if (State == RequestState.Ended)
            return SendOutcome.AlreadyEnded;
        if (State != RequestState.Accepted)
            return SendOutcome.AlreadySent;
        // Looked at here and not only by the timer: after an await the time may be up and the timer not have fired yet.
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

    /// <summary>An agent has opened an answer call.</summary>
    /// <param name="session">The session of the agent that opened it.</param>
    /// <param name="answerCall">A number of the shell's, different for each call.</param>
    /// <param name="now">The time.</param>
    public BeginAnswerOutcome BeginAnswer(SessionId session, long answerCall, TimeSpan now)
    {
        if (State == RequestState.Ended)
            return BeginAnswerOutcome.Ended;
        if (State == RequestState.Accepted)
            return BeginAnswerOutcome.NotSent;
        if (session != Session)
            return BeginAnswerOutcome.WrongSession;
        if (State == RequestState.Answering)
            return BeginAnswerOutcome.AlreadyAnswering;
        if (CurrentAnswerCall is null || CurrentAnswerCall == answerCall)
        {
            CurrentAnswerCall = answerCall;
            return BeginAnswerOutcome.Granted;
        }
        Replaced = CurrentAnswerCall;
        CurrentAnswerCall = answerCall;
        return BeginAnswerOutcome.GrantedInsteadOf;
    }

    /// <summary>
    /// A call's first message is about to go to the caller: from here on no other call can take over. False if the call has
    /// not the word (another took it, or the request has ended), and then the message must not go.
    /// </summary>
    public bool FirstMessageHanded(long answerCall, TimeSpan now)
    {
        if (!MayHandOver(answerCall))
            return false;
        if (State == RequestState.Sent)
        {
            State = RequestState.Answering;
            FirstMessageAt = now;
        }
        return true;
    }

    /// <summary>Whether a call's next message is for the caller.</summary>
    public bool MayHandOver(long answerCall) => State != RequestState.Ended && CurrentAnswerCall == answerCall;

    /// <summary>An answer call has ended, from the agent's side.</summary>
    public AnswerCallOutcome AnswerCallEnded(long answerCall, AnswerCallEnd how, TimeSpan now)
    {
        // Call 1 is replaced by call 2 and only then seen to break: it must not take call 2's word away.
        if (!MayHandOver(answerCall))
            return AnswerCallOutcome.NotConcerned;
        CurrentAnswerCall = null;
        if (how == AnswerCallEnd.BrokeOff && State == RequestState.Sent)
            return AnswerCallOutcome.StillSent;
        End(how switch
        {
            AnswerCallEnd.Completed => Requests.Verdict.Answered,
            AnswerCallEnd.TooLarge => Requests.Verdict.TooLarge,
            _ => Requests.Verdict.AgentFailed,
        }, now);
        return AnswerCallOutcome.Ended;
    }

    /// <summary>A session has ended: displaced, or its connection is gone.</summary>
    /// <remarks>
    /// "Begun to answer" is that a message has been handed to the caller. An answer call that was only opened ends with its
    /// session: nothing tells one that is about to speak from one whose process has died.
    /// </remarks>
    public SessionEndOutcome SessionEnded(SessionId session, TimeSpan now)
    {
        if (State == RequestState.Accepted)
            return SessionEndOutcome.Unsent;
        if (State == RequestState.Ended || session != Session)
            return SessionEndOutcome.NotConcerned;
        if (State == RequestState.Answering)
            return SessionEndOutcome.GoesOn;
        End(Requests.Verdict.AgentDisconnected, now);
        return SessionEndOutcome.Ended;
    }

    /// <summary>The deadline's timer has fired.</summary>
    public DeadlineOutcome DeadlineReached(TimeSpan now)
    {
        if (State is RequestState.Answering or RequestState.Ended)
            return DeadlineOutcome.NoLongerApplies;
        if (now < DeadlineAt)
            return DeadlineOutcome.TooEarly;
        End(State == RequestState.Accepted ? Requests.Verdict.ExpiredUnsent : Requests.Verdict.FirstMessageTimeout, now);
        return DeadlineOutcome.Ended;
    }

    /// <summary>Any other end. True for the one call that ended it, false if it had ended before.</summary>
    public bool End(Verdict verdict, TimeSpan now)
    {
        if (State == RequestState.Ended)
            return false;
        State = RequestState.Ended;
        Verdict = verdict;
        EndedAt = now;
        return true;
    }
}

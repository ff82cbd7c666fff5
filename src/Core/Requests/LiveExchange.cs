using Switchboard.Core.Agents;

namespace Switchboard.Core.Requests;

/// <summary>
/// Decides everything about one live request at the front door of its caller: its <see cref="RequestLifecycle"/>, the session that may
/// send it, the wait for an agent that is away, and the answer call whose messages the caller reads (LiveExchange.Answer.cs).
/// </summary>
/// <remarks>
/// Not thread-safe: its shell locks around each call, and does what the call added to the effects when the lock is free. Three sides touch
/// it (the caller's, the session's writer, the agent's answer calls), and the clock. Invariants: README.md beside this file.
/// </remarks>
/// <typeparam name="TSession">A session of this front door; told apart by reference.</typeparam>
/// <typeparam name="TMessage">A message of an answer.</typeparam>
public sealed partial class LiveExchange<TSession, TMessage>
    where TSession : class
    where TMessage : class
{
    private readonly RequestLifecycle _life;
    private readonly ExchangeTerms _terms;
    private AnswerPipe<TMessage>? _answer;
    private TimeSpan _idleSince;
    private TimeSpan? _awaySince;
    private TimeSpan _away;
    private bool _callerWaits;
    private bool _returned;
    private bool _endSeen;

    /// <summary>A request that has arrived.</summary>
    public LiveExchange(in ExchangeTerms terms)
    {
        _terms = terms;
        _life = new RequestLifecycle(terms.Arrived, terms.Deadline);
        _idleSince = terms.Arrived;
    }

    /// <inheritdoc cref="RequestLifecycle.State"/>
    public RequestState State => _life.State;

    /// <inheritdoc cref="RequestLifecycle.Verdict"/>
    public Verdict? Verdict => _life.Verdict;

    /// <inheritdoc cref="RequestLifecycle.Session"/>
    public SessionId? SentTo => _life.Session;

    /// <inheritdoc cref="RequestLifecycle.WasSent"/>
    public bool WasSent => _life.WasSent;

    /// <inheritdoc cref="RequestLifecycle.Attempt"/>
    public uint Attempt => _life.Attempt;

    /// <inheritdoc cref="RequestLifecycle.SentAt"/>
    public TimeSpan? SentAt => _life.SentAt;

    /// <inheritdoc cref="RequestLifecycle.FirstMessageAt"/>
    public TimeSpan? FirstMessageAt => _life.FirstMessageAt;

    /// <inheritdoc cref="RequestLifecycle.EndedAt"/>
    public TimeSpan? EndedAt => _life.EndedAt;

    /// <summary>When the first message of an answer came from the agent.</summary>
    public TimeSpan? AnswerBegan { get; private set; }

    /// <summary>Why it ended, for people.</summary>
    public string? Detail { get; private set; }

    /// <summary>The session that it was offered, or sent, to last.</summary>
    public TSession? Session { get; private set; }

    /// <summary>Is something being written to the caller?</summary>
    public bool IsCallersTurn { get; private set; }

    /// <summary>Does its agent have it, and not know that nobody waits for the answer any more?</summary>
    public bool OwesCancel => _life.WasSent
        && _life.Verdict is not (null or Requests.Verdict.Answered or Requests.Verdict.AgentFailed or Requests.Verdict.AgentDisconnected);

    /// <summary>How long it has waited for an agent that was away, without the wait that is under way.</summary>
    public TimeSpan AgentAway => _away;

    /// <summary>When to look at it first, by <see cref="Look"/>: not only at its deadline, as pauses count once its answer has begun.</summary>
    public TimeSpan FirstLook => NextLook(_terms.Arrived, _terms.Deadline);

    /// <summary>
    /// Is it over, by now at the latest? To be asked after every await: the timer may be later than the thread that waited.
    /// </summary>
    public bool IsOver(TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (_life.State != RequestState.Ended && _life.DeadlineReached(now) != DeadlineOutcome.Ended)
            return false;
        NoteEnd(now, ref effects);
        return true;
    }

    /// <summary>Ends it, unless it has ended.</summary>
    public bool End(Verdict verdict, string detail, TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (!_life.End(verdict, now))
            return false;
        Detail = detail;
        NoteEnd(now, ref effects);
        return true;
    }

    /// <summary>
    /// The caller's call is over. Where its own deadline did that, it is a deadline: ours falls before it, but may not have been
    /// looked at yet; and in mid-answer only the caller's is left.
    /// </summary>
    public void CallerGone(TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (_life.State == RequestState.Ended)
            return;
        if (_life.DeadlineReached(now) != DeadlineOutcome.Ended)
        {
            bool late = now >= _terms.CallerLate;
            _life.End(late ? Requests.Verdict.Stalled : Requests.Verdict.CallerCancelled, now);
            Detail = late ? "the caller's deadline passed before the answer was complete" : "the caller went away";
        }
        NoteEnd(now, ref effects);
    }

    /// <summary>The clock: deadline, pauses within an answer, a caller that takes nothing more, the end of the wait for an agent.</summary>
    /// <returns>When to look again; null: never.</returns>
    public TimeSpan? Look(TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        switch (_life.DeadlineReached(now))
        {
            case DeadlineOutcome.TooEarly:
                return LookBeforeDeadline(now, ref effects);
            case DeadlineOutcome.Ended:
                NoteEnd(now, ref effects);
                break;
        }
        // Past its end only a write to the caller that hangs is left to be watched.
        if (_life.State == RequestState.Ended && !IsCallersTurn)
            return null;
        TimeSpan idleAt = _idleSince + _terms.IdleTimeout;
        if (now < idleAt)
            return idleAt;
        if (_life.End(Requests.Verdict.Stalled, now))
        {
            Detail = IsCallersTurn ? "the caller stopped reading" : "the agent stopped in the middle of its answer";
            NoteEnd(now, ref effects);
        }
        effects.CutCaller |= IsCallersTurn;
        return null;
    }

    /// <summary>
    /// Says, before it is offered, which session may send it. An older session whose writer loop still finds it in its queue may not:
    /// session 1 ends with the request unsent, it is offered to session 2, and only then session 1's loop takes it up.
    /// </summary>
    /// <returns>False: it has been sent, or has ended.</returns>
    public bool Assign(TSession session, TimeSpan now)
    {
        if (_life.State != RequestState.Accepted)
            return false;
        Session = session;
        _returned = false;
        EndWait(now);
        return true;
    }

    /// <summary>That session did not take it.</summary>
    public void Unassign(TSession session)
    {
        if (Session == session && _life.State == RequestState.Accepted)
            Session = null;
    }

    /// <summary>Asked by the session's writer loop right before the write.</summary>
    /// <returns>True: it is to be written. False: its time is up, it has ended, or it is another session's now.</returns>
    public bool TrySend(TSession session, SessionId id, TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (Session != session)
            return false;
        SendOutcome outcome = _life.TrySend(id, now);
        if (outcome == SendOutcome.Expired)
            NoteEnd(now, ref effects);
        return outcome == SendOutcome.Sent;
    }

    /// <summary>Was it sent to that session, and has it not ended?</summary>
    public bool IsAt(TSession session) => Session == session && _life.WasSent && _life.State != RequestState.Ended;

    /// <summary>
    /// The session is over. What it had not been sent goes back to the caller's side, to be routed again; what it was sent and had
    /// not begun to answer ends; an answer under way goes on, as its own call lives.
    /// </summary>
    public void SessionEnded(TSession session, SessionId id, TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (Session != session)
            return;
        switch (_life.SessionEnded(id, now))
        {
            case SessionEndOutcome.Unsent:
                Session = null;
                GiveBack(ref effects);
                break;
            case SessionEndOutcome.Ended:
                NoteEnd(now, ref effects);
                break;
        }
    }

    /// <summary>Does its caller still wait for an agent that is away?</summary>
    public bool WaitsForAgent(TimeSpan now) => now < _terms.WaitForAgentUntil;

    /// <summary>From here on it waits for its agent, and is given back to the caller's side when the time for that is over.</summary>
    /// <returns>When to look, where that is before the deadline.</returns>
    public TimeSpan? BeginWait(TimeSpan now)
    {
        _awaySince ??= now;
        return _terms.WaitForAgentUntil < _terms.Deadline ? NextLook(now, _terms.WaitForAgentUntil) : null;
    }

    /// <summary>Its agent has connected: it is given back to the caller's side, to be routed again. No session's request is.</summary>
    public void AgentCame(ref ExchangeEffects<TMessage> effects)
    {
        // While a session has been offered it, the caller's side is about to look again by itself if that one refuses it.
        if (_life.State == RequestState.Accepted && Session is null)
            GiveBack(ref effects);
    }

    // Not due by its deadline: it may be due by the time that its caller waits for the agent. When is it to be looked at next?
    private TimeSpan LookBeforeDeadline(TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (_awaySince is null || _life.State != RequestState.Accepted || Session is not null)
            return NextLook(now, _terms.Deadline);
        if (now < _terms.WaitForAgentUntil)
            return NextLook(now, _terms.WaitForAgentUntil < _terms.Deadline ? _terms.WaitForAgentUntil : _terms.Deadline);
        GiveBack(ref effects);
        return NextLook(now, _terms.Deadline);
    }

    // Whatever moves after this look may be still for the idle time from then on, which is over no sooner than the next look. So a message
    // moves nothing in the wheel: each look says when the next one is.
    private TimeSpan NextLook(TimeSpan now, TimeSpan until) => until - now < _terms.IdleTimeout ? until : now + _terms.IdleTimeout;

    private void GiveBack(ref ExchangeEffects<TMessage> effects)
    {
        _returned = true;
        effects.WakeCaller |= TakeWaiter();
    }

    // It is offered to a session, or has ended.
    private void EndWait(TimeSpan now)
    {
        if (_awaySince is not { } since)
            return;
        _away += (_life.EndedAt ?? now) - since;
        _awaySince = null;
    }

    // When the lifecycle has just ended, and each time it is found so: only the first has anything to do.
    private void NoteEnd(TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (_endSeen)
            return;
        _endSeen = true;
        EndWait(now);
        effects.Ended = true;
        effects.WakeCaller |= TakeWaiter();
        if (_answer is { } answer)
            Close(answer, _life.Verdict == Requests.Verdict.Answered ? AnswerCallResult.Done : AnswerCallResult.RequestOver, ref effects);
    }

    private bool TakeWaiter()
    {
        bool waited = _callerWaits;
        _callerWaits = false;
        return waited;
    }
}

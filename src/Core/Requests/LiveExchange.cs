using Switchboard.Core.Agents;

namespace Switchboard.Core.Requests;

/// <summary>
/// Decides everything about one live request at the front door of its caller: its <see cref="RequestLifecycle"/>, the session that may send
/// it, the wait for an agent that is offline, and the response call whose messages the caller reads (LiveExchange.Response.cs).
/// </summary>
/// <remarks>
/// Not thread-safe: its shell locks around each call, and carries out the effects that the call added after it released the lock. Four
/// sides call it: the caller's, the session's writer, the agent's response calls, and the clock. Invariants: README.md beside this file.
/// </remarks>
/// <typeparam name="TSession">The type of a session of this front door; compared by reference.</typeparam>
/// <typeparam name="TMessage">The type of a message of a response.</typeparam>
public sealed partial class LiveExchange<TSession, TMessage>
    where TSession : class
    where TMessage : class
{
    private readonly RequestLifecycle _life;
    private readonly ExchangeTerms _terms;
    private ResponsePipe<TMessage>? _response;
    private TimeSpan _idleSince;
    private TimeSpan? _awaySince;
    private TimeSpan _away;
    private bool _callerWaits;
    private bool _returned;
    private bool _endSeen;

    /// <summary>Initializes a request that has arrived.</summary>
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

    /// <summary>When the first message of a response came from the agent.</summary>
    public TimeSpan? ResponseBegan { get; private set; }

    /// <summary>Why it ended, for display.</summary>
    public string? Detail { get; private set; }

    /// <summary>The session that it was last offered, or sent, to.</summary>
    public TSession? Session { get; private set; }

    /// <summary>Gets whether something is being written to the caller.</summary>
    public bool IsCallersTurn { get; private set; }

    /// <summary>Gets whether its agent has it, and has not been notified that no caller waits for the response any more.</summary>
    public bool OwesCancel => _life.WasSent
        && _life.Verdict is not (null or Requests.Verdict.Answered or Requests.Verdict.AgentFailed or Requests.Verdict.AgentDisconnected);

    /// <summary>How long it has waited for an agent that was offline, without a wait that is under way.</summary>
    public TimeSpan AgentAway => _away;

    /// <summary>When to call <see cref="Look"/> first: not only at its deadline, as pauses count once its response has begun.</summary>
    public TimeSpan FirstLook => NextLook(_terms.Arrived, _terms.Deadline);

    /// <summary>
    /// Returns whether it has ended, and ends it if its deadline has passed. To be called after every await: the timer may run later than
    /// the thread that waited.
    /// </summary>
    public bool IsOver(TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (_life.State != RequestState.Ended && _life.DeadlineReached(now) != DeadlineOutcome.Ended)
        {
            return false;
        }

        NoteEnd(now, ref effects);
        return true;
    }

    /// <summary>Ends it, unless it has ended.</summary>
    public bool End(Verdict verdict, string detail, TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (!_life.End(verdict, now))
        {
            return false;
        }

        Detail = detail;
        NoteEnd(now, ref effects);
        return true;
    }

    /// <summary>
    /// Notes that the caller's call has ended. If the caller's own deadline ended it, the verdict is that of a deadline: ours falls before
    /// it, but may not have been checked yet; and in the middle of a response only the caller's is left.
    /// </summary>
    public void CallerGone(TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (_life.State == RequestState.Ended)
        {
            return;
        }

        if (_life.DeadlineReached(now) != DeadlineOutcome.Ended)
        {
            var late = now >= _terms.CallerLate;
            _life.End(late ? Requests.Verdict.Stalled : Requests.Verdict.CallerCancelled, now);
            Detail = late ? "the caller's deadline passed before the answer was complete" : "the caller went away";
        }
        NoteEnd(now, ref effects);
    }

    /// <summary>
    /// Checks the times: deadline, pauses within a response, a caller that does not read, the end of the wait for an agent.
    /// </summary>
    /// <returns>When to check again; null: never.</returns>
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
        // After its end only a write to the caller that hangs is left to be watched.
        if (_life.State == RequestState.Ended && !IsCallersTurn)
        {
            return null;
        }

        var idleAt = _idleSince + _terms.IdleTimeout;
        if (now < idleAt)
        {
            return idleAt;
        }

        if (_life.End(Requests.Verdict.Stalled, now))
        {
            Detail = IsCallersTurn ? "the caller stopped reading" : "the agent stopped in the middle of its answer";
            NoteEnd(now, ref effects);
        }
        effects.CutCaller |= IsCallersTurn;
        return null;
    }

    /// <summary>
    /// Assigns it, before it is offered, to the session that may send it. An older session whose writer loop still finds it in its queue
    /// may not: session 1 ends with the request unsent, it is offered to session 2, and only then session 1's loop takes it up.
    /// </summary>
    /// <returns>False: it has been sent, or has ended.</returns>
    public bool Assign(TSession session, TimeSpan now)
    {
        if (_life.State != RequestState.Accepted)
        {
            return false;
        }

        Session = session;
        _returned = false;
        EndWait(now);
        return true;
    }

    /// <summary>Undoes the assignment to a session that did not take it.</summary>
    public void Unassign(TSession session)
    {
        if (Session == session && _life.State == RequestState.Accepted)
        {
            Session = null;
        }
    }

    /// <summary>Marks it as sent; called by the session's writer loop right before the write.</summary>
    /// <returns>True: it is to be written. False: its deadline has passed, it has ended, or it is assigned to another session.</returns>
    public bool TrySend(TSession session, SessionId id, TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (Session != session)
        {
            return false;
        }

        var outcome = _life.TrySend(id, now);
        if (outcome == SendOutcome.Expired)
        {
            NoteEnd(now, ref effects);
        }

        return outcome == SendOutcome.Sent;
    }

    /// <summary>Returns whether it was sent to that session and has not ended.</summary>
    public bool IsAt(TSession session) => Session == session && _life.WasSent && _life.State != RequestState.Ended;

    /// <summary>
    /// Notes that a session has ended. A request that it had not sent returns to the caller's side, to be routed again; one that was sent
    /// and whose response had not begun ends; a response under way goes on while its own call lives.
    /// </summary>
    public void SessionEnded(TSession session, SessionId id, TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (Session != session)
        {
            return;
        }

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

    /// <summary>
    /// Takes it back from another front door, which reports that it was not sent: it returns to the caller's side, to be routed again.
    /// </summary>
    /// <returns>False: it has ended, or a response has come.</returns>
    public bool TakeBack(TSession holder, SessionId id, ref ExchangeEffects<TMessage> effects)
    {
        if (Session != holder || !_life.TakeBack(id))
        {
            return false;
        }

        Session = null;
        GiveBack(ref effects);
        return true;
    }

    /// <summary>Ends it unsent, as another front door reports.</summary>
    public void EndUnsent(TSession holder, SessionId id, Verdict verdict, string detail, TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (Session == holder && _life.TakeBack(id))
        {
            End(verdict, detail, now, ref effects);
        }
    }

    /// <summary>
    /// Notes that the way to the front door that has it is lost, after it may have been sent: it ends as with its session. A response under
    /// way that came to this front door goes on, as its call does not depend on that way.
    /// </summary>
    public void HolderLost(TSession holder, SessionId id, string detail, TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (Session != holder || _life.SessionEnded(id, now) != SessionEndOutcome.Ended)
        {
            return;
        }

        Detail = detail;
        NoteEnd(now, ref effects);
    }

    /// <summary>Returns whether its caller still waits for an agent that is offline.</summary>
    public bool WaitsForAgent(TimeSpan now) => now < _terms.WaitForAgentUntil;

    /// <summary>Begins the wait for its agent, at whose end it returns to the caller's side.</summary>
    /// <returns>When to check, if that is before the deadline.</returns>
    public TimeSpan? BeginWait(TimeSpan now)
    {
        _awaySince ??= now;
        return _terms.WaitForAgentUntil < _terms.Deadline ? NextLook(now, _terms.WaitForAgentUntil) : null;
    }

    /// <summary>
    /// Notes that its agent has connected: it returns to the caller's side, to be routed again, unless it is assigned to a session.
    /// </summary>
    public void AgentCame(ref ExchangeEffects<TMessage> effects)
    {
        // While it is offered to a session, the caller's side checks again by itself if that session refuses it.
        if (_life.State == RequestState.Accepted && Session is null)
        {
            GiveBack(ref effects);
        }
    }

    // Not due by its deadline: it may be due by the end of its wait for the agent. Returns when to check next.
    private TimeSpan LookBeforeDeadline(TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (_awaySince is null || _life.State != RequestState.Accepted || Session is not null)
        {
            return NextLook(now, _terms.Deadline);
        }

        if (now < _terms.WaitForAgentUntil)
        {
            return NextLook(now, _terms.WaitForAgentUntil < _terms.Deadline ? _terms.WaitForAgentUntil : _terms.Deadline);
        }

        GiveBack(ref effects);
        return NextLook(now, _terms.Deadline);
    }

    // Whatever moves after this check may pause for the idle timeout from then on, which ends no sooner than the next check. So a message
    // moves nothing in the timer wheel: each check returns the time of the next one.
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
        {
            return;
        }

        _away += (_life.EndedAt ?? now) - since;
        _awaySince = null;
    }

    // Called when the lifecycle has just ended, and each time it is found so: only the first call has anything to do.
    private void NoteEnd(TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (_endSeen)
        {
            return;
        }

        _endSeen = true;
        EndWait(now);
        effects.Ended = true;
        effects.WakeCaller |= TakeWaiter();
        if (_response is { } response)
        {
            Close(response, _life.Verdict == Requests.Verdict.Answered ? ResponseCallResult.Done : ResponseCallResult.RequestOver, ref effects);
        }
    }

    private bool TakeWaiter()
    {
        var waited = _callerWaits;
        _callerWaits = false;
        return waited;
    }
}

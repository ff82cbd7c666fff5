namespace Switchboard.Core.Requests;

/// <summary>
/// The decisions of one durable request: when it is tried, what an attempt's end means, when it is over. At least once while its
/// time to live lasts, then exactly one verdict.
/// </summary>
/// <remarks>
/// Not thread-safe: a grain's turns are its lock. It knows no clock: every method takes the time since a fixed origin. What a lost
/// activation loses of it is given back to the constructor. The invariants are in README.md beside this file.
/// </remarks>
public sealed class DurableLifecycle
{
    private readonly DurableTimings _timings;
    private TimeSpan _next;
    private TimeSpan _takenAt;
    private int _failures;
    private int _unanswered;

    /// <summary>A request that was just accepted, or is found again in a store.</summary>
    /// <param name="timings">How patient it is.</param>
    /// <param name="expiresAt">When its time to live is over.</param>
    /// <param name="attempts">How many attempts were begun; 0 for a new one.</param>
    /// <param name="underWay">Whether a front door may have the last of them: it is asked before anything is sent again.</param>
    /// <param name="now">The time.</param>
    public DurableLifecycle(DurableTimings timings, TimeSpan expiresAt, uint attempts, bool underWay, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(timings);
        if (underWay && attempts == 0)
            throw new ArgumentException("No attempt was begun, so none can be under way.", nameof(underWay));
        _timings = timings;
        ExpiresAt = expiresAt;
        Attempt = attempts;
        Phase = underWay ? DurablePhase.UnderWay : DurablePhase.Waiting;
        _next = _takenAt = now;
    }

    /// <summary>A request that has ended already and is found again in a store.</summary>
    public static DurableLifecycle AlreadyEnded(Verdict verdict, uint attempts) =>
        new(new DurableTimings(), TimeSpan.MaxValue, attempts, underWay: false, TimeSpan.Zero)
        {
            Phase = DurablePhase.Ended,
            Verdict = verdict,
        };

    /// <summary>Where it is.</summary>
    public DurablePhase Phase { get; private set; }

    /// <summary>How it ended; null while it is open.</summary>
    public Verdict? Verdict { get; private set; }

    /// <summary>The number of the last attempt, from 1; 0 before the first.</summary>
    public uint Attempt { get; private set; }

    /// <summary>When its time to live is over.</summary>
    public TimeSpan ExpiresAt { get; }

    /// <summary>When <see cref="Next"/> has something to say at the latest; <see cref="TimeSpan.MaxValue"/> once it has ended.</summary>
    public TimeSpan WakeAt => Phase == DurablePhase.Ended ? TimeSpan.MaxValue : _next < ExpiresAt ? _next : ExpiresAt;

    /// <summary>What is to be done now. Ends the request where its time is over, an attempt that is under way included.</summary>
    public DurableStep Next(TimeSpan now)
    {
        if (Phase == DurablePhase.Ended)
            return DurableStep.Nothing;
        if (now >= ExpiresAt)
        {
            EndWith(Requests.Verdict.Expired);
            return DurableStep.Expired;
        }
        if (now < _next)
            return DurableStep.Nothing;
        return Phase switch
        {
            DurablePhase.Waiting => DurableStep.Deliver,
            DurablePhase.UnderWay => DurableStep.Inquire,
            _ => DurableStep.Nothing,
        };
    }

    /// <summary>Begins to hand an attempt over, and gives it a number that no earlier one had.</summary>
    /// <param name="now">The time.</param>
    /// <returns>How long the first message of its answer may take; null where there is no time left, or nothing to hand over.</returns>
    public TimeSpan? BeginHanding(TimeSpan now)
    {
        if (Phase != DurablePhase.Waiting || now >= ExpiresAt)
            return null;
        Phase = DurablePhase.Handing;
        Attempt++;
        TimeSpan left = ExpiresAt - now;
        return left < _timings.FirstMessage ? left : _timings.FirstMessage;
    }

    /// <summary>A front door has the attempt and owes its outcome.</summary>
    public void Taken(TimeSpan now) => StartWatch(now, _timings.FirstMessage + _timings.Grace);

    /// <summary>
    /// The front door did not reply, so that it may have the attempt or not. Sending it again at once could have the agent do it
    /// twice for nothing, so the front door is asked first.
    /// </summary>
    public void MayBeTaken(TimeSpan now) => StartWatch(now, _timings.RetryMin);

    /// <summary>Nobody took it, that is certain: the agent is away, its session gone, or it has as much as it takes.</summary>
    public void NotTaken(TimeSpan now)
    {
        if (Phase is DurablePhase.Waiting or DurablePhase.Handing)
            WaitAgain(now);
    }

    /// <summary>The session that was to take the attempt is gone; another one may be asked in the same breath.</summary>
    public void SessionGone()
    {
        if (Phase == DurablePhase.Handing)
            Phase = DurablePhase.Waiting;
    }

    /// <summary>The front door says that the attempt goes on.</summary>
    public void GoesOn(TimeSpan now)
    {
        if (Phase != DurablePhase.UnderWay)
            return;
        _unanswered = 0;
        _next = now + _timings.Grace;
    }

    /// <summary>
    /// The front door did not say, or says that the attempt has ended, and its report may be on the way. Asked once more; after that
    /// the attempt counts as lost.
    /// </summary>
    /// <returns>Whether it counts as lost now.</returns>
    public bool Unanswered(TimeSpan now)
    {
        if (Phase != DurablePhase.UnderWay)
            return false;
        if (++_unanswered > 1)
            return Lost(now);
        _next = now + _timings.Grace;
        return false;
    }

    /// <summary>The front door knows nothing of the attempt, or is gone: nobody will report its end.</summary>
    /// <returns>Whether there was one under way.</returns>
    public bool Lost(TimeSpan now)
    {
        if (Phase != DurablePhase.UnderWay)
            return false;
        WaitAgain(now);
        return true;
    }

    /// <summary>A front door reports how an attempt ended.</summary>
    /// <param name="attempt">Which one.</param>
    /// <param name="verdict">How.</param>
    /// <param name="now">The time.</param>
    /// <remarks>
    /// A report about the last attempt counts although that attempt was given up for lost (its front door was slow to say), as long
    /// as no newer one was begun. A report that comes after the time to live is an answer all the same, if nobody has noticed yet.
    /// </remarks>
    public DurableFinish Finish(uint attempt, Verdict verdict, TimeSpan now)
    {
        if (attempt != Attempt || attempt == 0)
            return DurableFinish.Refused;
        if (Phase == DurablePhase.Ended)
            return Verdict == verdict ? DurableFinish.SaidBefore : DurableFinish.Refused;
        if (!IsTriedAgain(verdict))
        {
            EndWith(verdict);
            return DurableFinish.Ends;
        }
        if (Phase == DurablePhase.UnderWay)
            WaitAgain(now);
        return DurableFinish.TriedAgain;
    }

    /// <summary>Somebody does not want it any more. False if it has ended.</summary>
    public bool Cancel()
    {
        if (Phase == DurablePhase.Ended)
            return false;
        EndWith(Requests.Verdict.CallerCancelled);
        return true;
    }

    // What says nothing about the request itself, only about this attempt. Whatever else an attempt ends with would end the next one
    // the same way (the agent refused it, it is too large).
    private static bool IsTriedAgain(Verdict verdict) => verdict is Requests.Verdict.AgentDisconnected
        or Requests.Verdict.FirstMessageTimeout or Requests.Verdict.Stalled or Requests.Verdict.ExpiredUnsent
        or Requests.Verdict.AgentOffline or Requests.Verdict.AgentUnknown or Requests.Verdict.Overloaded
        or Requests.Verdict.Draining or Requests.Verdict.CallerCancelled or Requests.Verdict.Internal;

    private void StartWatch(TimeSpan now, TimeSpan firstLook)
    {
        if (Phase != DurablePhase.Handing)
            return;
        Phase = DurablePhase.UnderWay;
        _takenAt = now;
        _unanswered = 0;
        _next = now + firstLook;
    }

    private void WaitAgain(TimeSpan now)
    {
        // An agent that takes a request and drops its session at once must not be sent it five times a second.
        if (Phase == DurablePhase.UnderWay && now - _takenAt >= _timings.RetryMax)
            _failures = 0;
        Phase = DurablePhase.Waiting;
        _next = now + Backoff(_failures++);
    }

    private TimeSpan Backoff(int failures)
    {
        if (failures == 0)
            return _timings.FirstRetry;
        TimeSpan wait = _timings.RetryMin * (1 << Math.Min(failures - 1, 20));
        return wait < _timings.RetryMax ? wait : _timings.RetryMax;
    }

    private void EndWith(Verdict verdict)
    {
        Phase = DurablePhase.Ended;
        Verdict = verdict;
    }
}

namespace Switchboard.Core.Requests;

/// <summary>
/// Decides when one durable request is tried, what the end of an attempt means, and when it has ended. It is sent at least once while its
/// time to live lasts, and ends with exactly one verdict.
/// </summary>
/// <remarks>
/// Not thread-safe: a grain's turns are its lock. It has no clock: every method takes the time since a fixed origin. What is lost with an
/// activation is passed to the constructor. The invariants are in README.md beside this file.
/// </remarks>
public sealed class DurableLifecycle
{
    private readonly DurableTimings _timings;
    private TimeSpan _next;
    private TimeSpan _takenAt;
    private int _failures;
    private int _noReplies;

    /// <summary>Initializes a request that was just accepted, or was read from a store.</summary>
    /// <param name="timings">The wait times.</param>
    /// <param name="expiresAt">When its time to live ends.</param>
    /// <param name="attempts">The number of attempts that were begun; 0 for a new one.</param>
    /// <param name="underWay">Whether a front door may have the last of them: it is asked before anything is sent again.</param>
    /// <param name="now">The time.</param>
    public DurableLifecycle(DurableTimings timings, TimeSpan expiresAt, uint attempts, bool underWay, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(timings);
        if (underWay && attempts == 0)
        {
            throw new ArgumentException("No attempt was begun, so none can be under way.", nameof(underWay));
        }

        _timings = timings;
        ExpiresAt = expiresAt;
        Attempt = attempts;
        Phase = underWay ? DurablePhase.UnderWay : DurablePhase.Waiting;
        _next = _takenAt = now;
    }

    /// <summary>Creates a request that has ended already and was read from a store.</summary>
    public static DurableLifecycle AlreadyEnded(Verdict verdict, uint attempts) =>
        new(new DurableTimings(), TimeSpan.MaxValue, attempts, underWay: false, TimeSpan.Zero)
        {
            Phase = DurablePhase.Ended,
            Verdict = verdict,
        };

    /// <summary>The phase.</summary>
    public DurablePhase Phase { get; private set; }

    /// <summary>The verdict; null while it is open.</summary>
    public Verdict? Verdict { get; private set; }

    /// <summary>The number of the last attempt, from 1; 0 before the first.</summary>
    public uint Attempt { get; private set; }

    /// <summary>When its time to live ends.</summary>
    public TimeSpan ExpiresAt { get; }

    /// <summary>When <see cref="Next"/> is to be called at the latest; <see cref="TimeSpan.MaxValue"/> once it has ended.</summary>
    public TimeSpan WakeAt => Phase == DurablePhase.Ended ? TimeSpan.MaxValue : _next < ExpiresAt ? _next : ExpiresAt;

    /// <summary>
    /// Returns what is to be done now. Ends the request if its time to live has ended, an attempt that is under way included.
    /// </summary>
    public DurableStep Next(TimeSpan now)
    {
        if (Phase == DurablePhase.Ended)
        {
            return DurableStep.Nothing;
        }

        if (now >= ExpiresAt)
        {
            EndWith(Requests.Verdict.Expired);
            return DurableStep.Expired;
        }
        if (now < _next)
        {
            return DurableStep.Nothing;
        }

        return Phase switch
        {
            DurablePhase.Waiting => DurableStep.Deliver,
            DurablePhase.UnderWay => DurableStep.Inquire,
            _ => DurableStep.Nothing,
        };
    }

    /// <summary>Begins to hand an attempt over, under a number that no earlier one had.</summary>
    /// <param name="now">The time.</param>
    /// <returns>The time left for the first message of its response; null if no time is left, or there is nothing to hand over.</returns>
    public TimeSpan? BeginHanding(TimeSpan now)
    {
        if (Phase != DurablePhase.Waiting || now >= ExpiresAt)
        {
            return null;
        }

        Phase = DurablePhase.Handing;
        Attempt++;
        var left = ExpiresAt - now;
        return left < _timings.FirstMessage ? left : _timings.FirstMessage;
    }

    /// <summary>Notes that a front door has the attempt and must report its outcome.</summary>
    public void Taken(TimeSpan now) => StartWatch(now, _timings.FirstMessage + _timings.Grace);

    /// <summary>
    /// Notes that the front door did not reply, so that it may have the attempt or not. Sending it again at once could make the agent
    /// process it twice for nothing, so the front door is asked first.
    /// </summary>
    public void MayBeTaken(TimeSpan now) => StartWatch(now, _timings.RetryMin);

    /// <summary>Notes that certainly no session took it: the agent is offline, its session has ended, or it is at its limit.</summary>
    public void NotTaken(TimeSpan now)
    {
        if (Phase is DurablePhase.Waiting or DurablePhase.Handing)
        {
            WaitAgain(now);
        }
    }

    /// <summary>Notes that the session that was to take the attempt has ended; another one may be tried in the same step.</summary>
    public void SessionGone()
    {
        if (Phase == DurablePhase.Handing)
        {
            Phase = DurablePhase.Waiting;
        }
    }

    /// <summary>Notes that the front door reports the attempt as still under way.</summary>
    public void GoesOn(TimeSpan now)
    {
        if (Phase != DurablePhase.UnderWay)
        {
            return;
        }

        _noReplies = 0;
        _next = now + _timings.Grace;
    }

    /// <summary>
    /// Notes that the front door did not reply, or reports the attempt as ended, so that its report may be on the way. It is asked once
    /// more; after that the attempt counts as lost.
    /// </summary>
    /// <returns>Whether it counts as lost now.</returns>
    public bool NoReply(TimeSpan now)
    {
        if (Phase != DurablePhase.UnderWay)
        {
            return false;
        }

        if (++_noReplies > 1)
        {
            return Lost(now);
        }

        _next = now + _timings.Grace;
        return false;
    }

    /// <summary>Notes that the front door does not know the attempt, or is gone: its end will not be reported.</summary>
    /// <returns>Whether there was one under way.</returns>
    public bool Lost(TimeSpan now)
    {
        if (Phase != DurablePhase.UnderWay)
        {
            return false;
        }

        WaitAgain(now);
        return true;
    }

    /// <summary>Takes a front door's report of how an attempt ended.</summary>
    /// <param name="attempt">The number of the attempt.</param>
    /// <param name="verdict">Its verdict.</param>
    /// <param name="now">The time.</param>
    /// <remarks>
    /// A report about the last attempt counts although that attempt was given up as lost (its front door was slow to report), as long as no
    /// newer one was begun. A report that arrives after the time to live counts too, if the expiry has not been noticed yet.
    /// </remarks>
    public DurableFinish Finish(uint attempt, Verdict verdict, TimeSpan now)
    {
        if (attempt != Attempt || attempt == 0)
        {
            return DurableFinish.Refused;
        }

        if (Phase == DurablePhase.Ended)
        {
            return Verdict == verdict ? DurableFinish.SaidBefore : DurableFinish.Refused;
        }

        if (!IsTriedAgain(verdict))
        {
            EndWith(verdict);
            return DurableFinish.Ends;
        }
        if (Phase == DurablePhase.UnderWay)
        {
            WaitAgain(now);
        }

        return DurableFinish.TriedAgain;
    }

    /// <summary>Cancels the request. False if it has ended.</summary>
    public bool Cancel()
    {
        if (Phase == DurablePhase.Ended)
        {
            return false;
        }

        EndWith(Requests.Verdict.CallerCancelled);
        return true;
    }

    // Verdicts that concern this attempt only, and not the request itself. With any other the next attempt would end the same way (the
    // agent refused it, it is too large).
    private static bool IsTriedAgain(Verdict verdict) => verdict is Requests.Verdict.AgentDisconnected
        or Requests.Verdict.FirstMessageTimeout or Requests.Verdict.Stalled or Requests.Verdict.ExpiredUnsent
        or Requests.Verdict.AgentOffline or Requests.Verdict.AgentUnknown or Requests.Verdict.Overloaded
        or Requests.Verdict.Draining or Requests.Verdict.CallerCancelled or Requests.Verdict.Internal;

    private void StartWatch(TimeSpan now, TimeSpan firstLook)
    {
        if (Phase != DurablePhase.Handing)
        {
            return;
        }

        Phase = DurablePhase.UnderWay;
        _takenAt = now;
        _noReplies = 0;
        _next = now + firstLook;
    }

    private void WaitAgain(TimeSpan now)
    {
        // An agent that takes a request and drops its session at once must not be sent it five times a second.
        if (Phase == DurablePhase.UnderWay && now - _takenAt >= _timings.RetryMax)
        {
            _failures = 0;
        }

        Phase = DurablePhase.Waiting;
        _next = now + Backoff(_failures++);
    }

    private TimeSpan Backoff(int failures)
    {
        if (failures == 0)
        {
            return _timings.FirstRetry;
        }

        var wait = _timings.RetryMin * (1 << Math.Min(failures - 1, 20));
        return wait < _timings.RetryMax ? wait : _timings.RetryMax;
    }

    private void EndWith(Verdict verdict)
    {
        Phase = DurablePhase.Ended;
        Verdict = verdict;
    }
}

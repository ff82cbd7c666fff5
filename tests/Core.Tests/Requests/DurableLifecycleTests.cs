using Switchboard.Core.Requests;

namespace Switchboard.Core.Tests.Requests;

/// <summary>What a durable request decides, event by event.</summary>
public sealed class DurableLifecycleTests
{
    private static readonly TimeSpan _expiresAt = Seconds(600);

    /// <summary>D1: tried at once, soon after, then with waits that double up to 5 s, and expired at its time.</summary>
    [Fact]
    public void Nobody_there_is_tried_with_bounded_waits()
    {
        var life = New(Seconds(20));
        var tries = new List<double>();
        while (life.Next(life.WakeAt) == DurableStep.Deliver)
        {
            tries.Add(life.WakeAt.TotalSeconds);
            life.NotTaken(life.WakeAt);
        }

        Assert.Equal([0, 0.2, 1.2, 3.2, 7.2, 12.2, 17.2], tries.Select(t => Math.Round(t, 3)));
        Assert.Equal((DurablePhase.Ended, Verdict.Expired, 0u), (life.Phase, life.Verdict, life.Attempt));
        Assert.Equal(TimeSpan.MaxValue, life.WakeAt);
    }

    /// <summary>An attempt has the time that is left, at most 30 s; after the end there is none.</summary>
    [Fact]
    public void An_attempt_has_what_time_is_left()
    {
        Assert.Equal(Seconds(30), New().BeginHanding(Seconds(1)));
        Assert.Equal(Seconds(4), New(Seconds(20)).BeginHanding(Seconds(16)));
        Assert.Null(New(Seconds(20)).BeginHanding(Seconds(20)));
        var handing = New();
        handing.BeginHanding(Seconds(1));
        Assert.Null(handing.BeginHanding(Seconds(1)));
    }

    /// <summary>
    /// D2: the last attempt's response ends it, and is what it was when said again; other attempts and verdicts are refused.
    /// </summary>
    [Fact]
    public void A_response_ends_it_once()
    {
        var life = UnderWay();
        Assert.Equal(DurableFinish.Refused, life.Finish(0, Verdict.Answered, Seconds(2)));
        Assert.Equal(DurableFinish.Refused, life.Finish(2, Verdict.Answered, Seconds(2)));
        Assert.Equal(DurableFinish.Ends, life.Finish(1, Verdict.Answered, Seconds(2)));
        Assert.Equal(DurableFinish.SaidBefore, life.Finish(1, Verdict.Answered, Seconds(3)));
        Assert.Equal(DurableFinish.Refused, life.Finish(1, Verdict.AgentFailed, Seconds(3)));
        Assert.False(life.Cancel());
        Assert.Equal(DurableStep.Nothing, life.Next(Seconds(9999)));
    }

    /// <summary>Every verdict there is either ends it or is followed by another attempt.</summary>
    [Fact]
    public void What_is_the_attempts_own_fault_is_tried_again()
    {
        Verdict[] again =
        [
            Verdict.AgentUnknown, Verdict.AgentOffline, Verdict.Overloaded, Verdict.Draining, Verdict.ExpiredUnsent,
            Verdict.FirstMessageTimeout, Verdict.Stalled, Verdict.AgentDisconnected, Verdict.CallerCancelled, Verdict.Internal,
        ];
        foreach (var verdict in Enum.GetValues<Verdict>())
        {
            var life = UnderWay();
            var expected = again.Contains(verdict) ? DurableFinish.TriedAgain : DurableFinish.Ends;
            Assert.Equal(expected, life.Finish(1, verdict, Seconds(2)));
            Assert.Equal(expected == DurableFinish.Ends ? verdict : null, life.Verdict);
        }
    }

    /// <summary>
    /// An agent that takes a request and is gone at once is not sent it over and over; one that worked for a while is, soon.
    /// </summary>
    [Fact]
    public void Waits_grow_while_attempts_are_short()
    {
        var life = UnderWay();
        life.Finish(1, Verdict.AgentDisconnected, Seconds(1));
        Assert.Equal(Seconds(1.2), life.WakeAt);
        Take(life, Seconds(1.2));
        life.Finish(2, Verdict.AgentDisconnected, Seconds(1.3));
        Assert.Equal(Seconds(2.3), life.WakeAt);
        Take(life, Seconds(2.3));
        life.Finish(3, Verdict.AgentDisconnected, Seconds(10));
        Assert.Equal(Seconds(10.2), life.WakeAt);
    }

    /// <summary>An attempt whose front door says nothing is asked for after its first-message time and a grace, then every 5 s.</summary>
    [Fact]
    public void A_silent_attempt_is_asked_for()
    {
        var life = UnderWay();
        Assert.Equal(DurableStep.Nothing, life.Next(Seconds(35)));
        Assert.Equal(Seconds(36), life.WakeAt);
        Assert.Equal(DurableStep.Inquire, life.Next(Seconds(36)));
        life.GoesOn(Seconds(36));
        Assert.Equal(Seconds(41), life.WakeAt);
        Assert.False(life.NoReply(Seconds(41)));
        life.GoesOn(Seconds(46));
        Assert.False(life.NoReply(Seconds(51)));
        Assert.Equal(DurablePhase.UnderWay, life.Phase);
        Assert.True(life.NoReply(Seconds(56)));
        Assert.Equal((DurablePhase.Waiting, Seconds(56.2)), (life.Phase, life.WakeAt));
    }

    /// <summary>
    /// A hand-over without a reply is asked for soon; a report of an attempt given up for lost counts until the next one begins.
    /// </summary>
    [Fact]
    public void An_attempt_given_up_may_still_respond()
    {
        var life = New();
        life.BeginHanding(Seconds(1));
        life.MayBeTaken(Seconds(3));
        Assert.Equal(Seconds(4), life.WakeAt);
        Assert.True(life.Lost(Seconds(4)));
        Assert.False(life.Lost(Seconds(4)));
        Assert.Equal(DurableFinish.Ends, life.Finish(1, Verdict.Answered, Seconds(4)));
    }

    /// <summary>D1: what was found in a store is not sent again before the front door that may have it was asked.</summary>
    [Fact]
    public void A_restored_request_asks_first()
    {
        var underWay = new DurableLifecycle(new DurableTimings(), _expiresAt, attempts: 3, underWay: true, now: TimeSpan.Zero);
        Assert.Equal((DurableStep.Inquire, 3u), (underWay.Next(TimeSpan.Zero), underWay.Attempt));
        var waiting = new DurableLifecycle(new DurableTimings(), _expiresAt, attempts: 3, underWay: false, now: TimeSpan.Zero);
        Assert.Equal(DurableStep.Deliver, waiting.Next(TimeSpan.Zero));
        waiting.BeginHanding(TimeSpan.Zero);
        Assert.Equal(4u, waiting.Attempt);
        var ended = DurableLifecycle.AlreadyEnded(Verdict.Answered, 2);
        Assert.Equal(DurableFinish.SaidBefore, ended.Finish(2, Verdict.Answered, default));
        Assert.Equal(DurableFinish.Refused, ended.Finish(1, Verdict.Answered, default));
        Assert.Throws<ArgumentException>(() => new DurableLifecycle(new DurableTimings(), _expiresAt, 0, underWay: true, TimeSpan.Zero));
    }

    /// <summary>
    /// R1, R4, D1: whatever happens in whatever order: it ends once, with one verdict that stays; attempts only ever count up; while
    /// it is open it wants to be woken within 35 s and by its time to live; at that time it has ended.
    /// </summary>
    [Fact]
    public void Random_events_never_break_it() => EventSequences.Check(events =>
    {
        var (life, now) = (New(Seconds(120)), TimeSpan.Zero);
        foreach (var e in events)
        {
            var (verdict, attempt) = (life.Verdict, life.Attempt);
            now += TimeSpan.FromMilliseconds(e.Draw(3000));
            Play(life, e, now);
            Assert.True(verdict is null || life.Verdict == verdict);
            Assert.InRange(life.Attempt, attempt, attempt + 1);
            Assert.Equal(life.Phase == DurablePhase.Ended, life.Verdict is not null);
            Assert.True(life.Phase == DurablePhase.Ended || (life.WakeAt <= life.ExpiresAt && life.WakeAt <= now + Seconds(35)));
        }

        life.Next(Seconds(120) > now ? Seconds(120) : now);
        Assert.Equal(DurablePhase.Ended, life.Phase);
    });

    private static void Play(DurableLifecycle life, Event e, TimeSpan now)
    {
        switch (e.Draw(11))
        {
            case 0:
                life.Next(now);
                break;
            case 1:
                life.BeginHanding(now);
                break;
            case 2:
                life.Taken(now);
                break;
            case 3:
                life.MayBeTaken(now);
                break;
            case 4:
                life.NotTaken(now);
                break;
            case 5:
                life.SessionGone();
                break;
            case 6:
                life.GoesOn(now);
                break;
            case 7:
                life.NoReply(now);
                break;
            case 8:
                life.Lost(now);
                break;
            case 9 when e.Draw(8) == 0:
                life.Cancel();
                break;
            default:
                life.Finish((uint)e.Draw(5), e.Draw(4) == 0 ? Verdict.Answered : Verdict.AgentDisconnected, now);
                break;
        }
    }

    private static DurableLifecycle New(TimeSpan? expiresAt = null) =>
        new(new DurableTimings(), expiresAt ?? _expiresAt, attempts: 0, underWay: false, now: TimeSpan.Zero);

    private static DurableLifecycle UnderWay()
    {
        var life = New();
        Take(life, Seconds(1));
        return life;
    }

    private static void Take(DurableLifecycle life, TimeSpan now)
    {
        life.BeginHanding(now);
        life.Taken(now);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}

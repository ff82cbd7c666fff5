using Switchboard.Core.Requests;

namespace Switchboard.Core.Tests.Requests;

/// <summary>What is true of a request whose way over another front door ended, and what follows.</summary>
public sealed class HopRuleTests
{
    /// <summary>Unsent is only what the other side says was not sent, and what cannot have reached it.</summary>
    [Theory]
    [InlineData(HopEvent.NotFound, Verdict.Unavailable)]
    [InlineData(HopEvent.NeverMade, Verdict.Unavailable)]
    [InlineData(HopEvent.NotProcessed, Verdict.Unavailable)]
    [InlineData(HopEvent.NoSuchSession, Verdict.AgentOffline)]
    [InlineData(HopEvent.GoneUnconnected, Verdict.AgentOffline)]
    public void What_never_got_there_is_unsent_and_routed_again(HopEvent happened, Verdict reason) =>
        Assert.Equal(new HopOutcome(Sent: false, HopAction.RouteAgain, reason), HopRule.Decide(happened, default, responding: false));

    /// <summary>An explicit unsent trailer with a verdict that is about this session or front door alone.</summary>
    [Theory]
    [InlineData(Verdict.Overloaded)]
    [InlineData(Verdict.Draining)]
    [InlineData(Verdict.Unavailable)]
    public void What_the_holder_could_not_take_is_unsent_and_routed_again(Verdict verdict) =>
        Assert.Equal(new HopOutcome(Sent: false, HopAction.RouteAgain, verdict), HopRule.Decide(HopEvent.EndedUnsent, verdict, responding: false));

    /// <summary>An explicit unsent trailer with any other verdict: another session would say the same.</summary>
    [Theory]
    [InlineData(Verdict.BadRequest)]
    [InlineData(Verdict.TooLarge)]
    [InlineData(Verdict.ExpiredUnsent)]
    [InlineData(Verdict.Internal)]
    public void What_the_holder_ended_unsent_ends_unsent(Verdict verdict) =>
        Assert.Equal(new HopOutcome(Sent: false, HopAction.End, verdict), HopRule.Decide(HopEvent.EndedUnsent, verdict, responding: false));

    [Theory]
    [InlineData(Verdict.AgentFailed)]
    [InlineData(Verdict.AgentDisconnected)]
    [InlineData(Verdict.FirstMessageTimeout)]
    [InlineData(Verdict.Overloaded)]
    [InlineData(Verdict.Draining)]
    public void What_the_holder_ended_sent_is_passed_on(Verdict verdict) =>
        Assert.Equal(new HopOutcome(Sent: true, HopAction.End, verdict), HopRule.Decide(HopEvent.EndedSent, verdict, responding: false));

    /// <summary>After the headers were written nobody can say that the agent has not seen it.</summary>
    [Theory]
    [InlineData(HopEvent.Lost)]
    [InlineData(HopEvent.Gone)]
    public void What_may_have_got_there_is_sent_and_not_tried_again(HopEvent happened)
    {
        var lost = new HopOutcome(Sent: true, HopAction.BreakOff, Verdict.AgentDisconnected);
        Assert.Equal(lost, HopRule.Decide(happened, default, responding: false));
        Assert.Equal(lost, HopRule.Decide(happened, default, responding: true));
    }

    /// <summary>A response has come: whatever is said then, the agent had it.</summary>
    [Fact]
    public void After_a_response_nothing_is_unsent()
    {
        foreach (var happened in Enum.GetValues<HopEvent>())
        {
            var outcome = HopRule.Decide(happened, Verdict.Overloaded, responding: true);
            Assert.True(outcome.Sent && outcome.Action != HopAction.RouteAgain, $"{happened}: {outcome}");
        }

        Assert.Equal(
            new HopOutcome(Sent: true, HopAction.End, Verdict.AgentFailed), HopRule.Decide(HopEvent.EndedSent, Verdict.AgentFailed, responding: true));
    }

    /// <summary>A new event has to be put in one of these tests.</summary>
    [Fact]
    public void Every_event_that_is_unsent_is_named_here()
    {
        var unsent = Enum.GetValues<HopEvent>().Where(static happened => !HopRule.Decide(happened, Verdict.Overloaded, responding: false).Sent);
        Assert.Equal(
            [
                HopEvent.NotFound, HopEvent.NeverMade, HopEvent.NotProcessed, HopEvent.NoSuchSession, HopEvent.EndedUnsent, HopEvent.GoneUnconnected,
            ],
            unsent);
    }
}

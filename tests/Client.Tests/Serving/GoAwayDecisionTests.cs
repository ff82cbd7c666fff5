using Switchboard.Client.Serving;

namespace Switchboard.Client.Tests.Serving;

/// <summary>Tests the reasons of go_away in the wire contract.</summary>
public class GoAwayDecisionTests
{
    [Theory]
    [InlineData("draining", null, null, "Overlap", 0)]
    [InlineData("draining", 3, null, "Overlap", 3)]
    [InlineData("displaced", null, null, "Stop", 0)]
    [InlineData("displaced", 1, null, "Stop", 0)]
    [InlineData("displaced", null, 60, "Rejoin", 60)]
    [InlineData("displaced", 1, 60, "Rejoin", 60)]
    [InlineData("displaced", 90, 60, "Rejoin", 90)]
    [InlineData("kicked", 5, null, "Rejoin", 5)]
    [InlineData("kicked", null, 60, "Stop", 0)]
    [InlineData("revoked", null, 60, "Stop", 0)]
    [InlineData("protocol", 2, null, "Rejoin", 2)]
    [InlineData("protocol", null, null, "Stop", 0)]
    [InlineData("something-new", 2, null, "Rejoin", 2)]
    [InlineData("something-new", null, null, "Stop", 0)]
    [InlineData("kicked", -5, null, "Rejoin", 0)]
    [InlineData("kicked", 1_000_000_000, null, "Rejoin", 86_400)]
    public void Each_reason_decides_what_the_agent_does_next(string reason, int? reconnectAfter, int? rejoin, string next, int wait)
    {
        var decision = GoAwayDecision.For(reason, Seconds(reconnectAfter), Seconds(rejoin));
        Assert.Equal((next, wait), (decision.Next.ToString(), (int)decision.Wait.TotalSeconds));
    }

    private static TimeSpan? Seconds(int? number) => number is { } n ? TimeSpan.FromSeconds(n) : null;
}

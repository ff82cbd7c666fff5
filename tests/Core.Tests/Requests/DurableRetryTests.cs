using Switchboard.Core.Requests;

namespace Switchboard.Core.Tests.Requests;

public sealed class DurableRetryTests
{
    /// <summary>A verdict that the next attempt would get too ends the request; one of this attempt alone does not.</summary>
    [Fact]
    public void Only_what_may_change_is_tried_again()
    {
        Verdict[] final =
        [
            Verdict.Answered, Verdict.BadRequest, Verdict.TooLarge, Verdict.Unauthenticated, Verdict.Forbidden, Verdict.AgentFailed, Verdict.Expired,
            Verdict.AnswerNotKept, Verdict.StorageFull, Verdict.DuplicateId,
        ];
        Assert.All(final, verdict => Assert.False(DurableRetry.IsTriedAgain(verdict)));
        Verdict[] again = [Verdict.AgentDisconnected, Verdict.FirstMessageTimeout, Verdict.Overloaded, Verdict.Unavailable, Verdict.Draining, Verdict.Internal];
        Assert.All(again, verdict => Assert.True(DurableRetry.IsTriedAgain(verdict)));
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 0, 1000)]
    [InlineData(3, 0, 2000)]
    [InlineData(4, 0, 4000)]
    [InlineData(5, 0, 5000)]
    [InlineData(uint.MaxValue, 0, 5000)]
    [InlineData(5, 4999, 5000)]
    [InlineData(5, 5000, 0)]
    public void Waits_grow_until_an_attempt_has_lasted(uint attempt, int lasted, int wait) =>
        Assert.Equal(TimeSpan.FromMilliseconds(wait), DurableRetry.After(attempt, TimeSpan.FromMilliseconds(lasted)));
}

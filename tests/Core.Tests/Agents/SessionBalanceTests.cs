using Switchboard.Core.Agents;

namespace Switchboard.Core.Tests.Agents;

public sealed class SessionBalanceTests
{
    private static readonly TimeSpan _settled = TimeSpan.FromSeconds(30);

    /// <summary>Begins above a fifth over the mean and ends at half of that, so that it does not begin again with the next agent.</summary>
    [Fact]
    public void It_begins_above_the_margin_and_ends_at_half_of_it()
    {
        var balance = new SessionBalance(1, _settled);
        Assert.Equal(0, balance.Next(120, Of(200, 2)));
        Assert.Equal(11, balance.Next(121, Of(200, 2)));
        Assert.True(balance.IsMoving);
        Assert.Equal(6, balance.Next(111, Of(200, 2)));
        Assert.Equal(0, balance.Next(110, Of(200, 2)));
        Assert.False(balance.IsMoving);
        Assert.Equal(0, balance.Next(120, Of(200, 2)));
    }

    [Theory]
    [InlineData(10, 0)]
    [InlineData(11, 6)]
    public void A_few_sessions_are_left_where_they_are(int above, int moved) =>
        Assert.Equal(moved, new SessionBalance(1, _settled).Next(20 + above, Of(40, 2)));

    [Theory]
    [InlineData(0.01, 10)]
    [InlineData(0.0001, 1)]
    [InlineData(1, 250)]
    public void No_more_at_a_time_than_the_rate(double rate, int moved) =>
        Assert.Equal(moved, new SessionBalance(rate, _settled).Next(1_000, Of(1_000, 2)));

    /// <summary>Nobody is moved alone, after a join or a leave, or by a count that cannot be right, and what was begun is begun anew.</summary>
    [Theory]
    [InlineData(1_000, 1, 60)]
    [InlineData(1_000, 0, 60)]
    [InlineData(1_000, 2, 29)]
    [InlineData(0, 2, 60)]
    public void None_while_the_counts_mean_nothing(long total, int frontDoors, int unchanged)
    {
        var balance = new SessionBalance(1, _settled);
        Assert.NotEqual(0, balance.Next(650, Of(1_000, 2)));
        Assert.NotEqual(0, balance.Next(590, Of(1_000, 2)));
        Assert.Equal(0, balance.Next(590, new(total, frontDoors, TimeSpan.FromSeconds(unchanged))));
        Assert.Equal(0, balance.Next(590, Of(1_000, 2)));
    }

    /// <summary>Every count of a small cluster: whoever moves stays at or above the mean, and whoever is at it or below moves none.</summary>
    [Fact]
    public void None_goes_below_the_mean()
    {
        for (var frontDoors = 2; frontDoors <= 5; frontDoors++)
        {
            for (var total = 0; total <= 150; total++)
            {
                var mean = (double)total / frontDoors;
                for (var held = 0; held <= total; held++)
                {
                    var balance = new SessionBalance(1, _settled);
                    balance.Next(10_000, Of(10_000, 2));
                    var moved = balance.Next(held, Of(total, frontDoors));
                    Assert.True(moved == 0 || (moved > 0 && held - moved >= mean), $"{held} of {total} over {frontDoors}: {moved}");
                }
            }
        }
    }

    private static ClusterSessions Of(long total, int frontDoors) => new(total, frontDoors, _settled);
}

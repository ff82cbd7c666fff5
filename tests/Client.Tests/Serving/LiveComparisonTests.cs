using Switchboard.Client.Serving;

namespace Switchboard.Client.Tests.Serving;

public class LiveComparisonTests
{
    private readonly LiveComparison _comparison = new();

    [Fact]
    public void What_runs_and_is_not_listed_is_given_up_at_once()
    {
        var (givenUp, unknown) = _comparison.Compare(Set(1, 2), Set(2, 3, 4));
        Assert.Equal([3UL, 4UL], givenUp.Order());
        Assert.Empty(unknown);
    }

    /// <summary>The response may have been on its way when the gateway made the list.</summary>
    [Fact]
    public void What_is_listed_and_does_not_run_is_unknown_the_second_time_in_a_row()
    {
        Assert.Empty(_comparison.Compare(Set(1, 2), Set(2)).Unknown);
        Assert.Equal([1UL], _comparison.Compare(Set(1, 2), Set(2)).Unknown);
        Assert.Equal([1UL, 2UL], _comparison.Compare(Set(1, 2), Set()).Unknown.Concat(_comparison.Compare(Set(2), Set()).Unknown));
    }

    [Fact]
    public void A_list_in_between_that_does_not_name_it_begins_anew()
    {
        Assert.Empty(_comparison.Compare(Set(1), Set()).Unknown);
        Assert.Empty(_comparison.Compare(Set(), Set()).Unknown);
        Assert.Empty(_comparison.Compare(Set(1), Set()).Unknown);
        Assert.Empty(_comparison.Compare(Set(1), Set(1)).Unknown);
        Assert.Empty(_comparison.Compare(Set(1), Set()).Unknown);
    }

    [Fact]
    public void Where_both_know_the_same_nothing_happens()
    {
        for (var i = 0; i < 3; i++)
        {
            var (givenUp, unknown) = _comparison.Compare(Set(1, 2, 3), Set(3, 2, 1));
            Assert.Empty(givenUp);
            Assert.Empty(unknown);
        }
    }

    private static HashSet<ulong> Set(params ulong[] ids) => [.. ids];
}

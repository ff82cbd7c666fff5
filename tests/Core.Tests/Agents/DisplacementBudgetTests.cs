using Switchboard.Core.Agents;

namespace Switchboard.Core.Tests.Agents;

public sealed class DisplacementBudgetTests
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);
    private readonly DisplacementBudget _budget = new(burst: 3, _interval);

    [Fact]
    public void A_burst_is_free_and_then_one_an_interval()
    {
        var now = TimeSpan.FromHours(1);
        for (var i = 0; i < 3; i++)
        {
            Assert.Null(_budget.Take(now));
        }

        Assert.Equal(_interval, _budget.Take(now));
        Assert.Equal(_interval, _budget.Take(now));
        Assert.Equal(TimeSpan.FromMilliseconds(1), _budget.Take(now + _interval - TimeSpan.FromMilliseconds(1)));
        Assert.Null(_budget.Take(now + _interval));
        Assert.Equal(_interval, _budget.Take(now + _interval));
    }

    /// <summary>A genuine reconnect after a quiet time never waits, and a long quiet time saves up no more than one burst.</summary>
    [Fact]
    public void A_quiet_time_fills_it()
    {
        var now = TimeSpan.Zero;
        while (_budget.Take(now) is null)
        {
            // Used up.
        }

        now += 3 * _interval;
        for (var i = 0; i < 3; i++)
        {
            Assert.Null(_budget.Take(now));
        }

        Assert.NotNull(_budget.Take(now));
        now += TimeSpan.FromDays(1);
        for (var i = 0; i < 3; i++)
        {
            Assert.Null(_budget.Take(now));
        }

        Assert.NotNull(_budget.Take(now));
    }

    [Fact]
    public void It_is_news_once_an_episode()
    {
        var now = TimeSpan.Zero;
        Use(now);
        Assert.True(_budget.IsNews());
        Assert.False(_budget.IsNews());
        // One that gets through now and then does not end the episode.
        Assert.Null(_budget.Take(now + _interval));
        Use(now + _interval);
        Assert.False(_budget.IsNews());
        now += 10 * _interval;
        Use(now);
        Assert.True(_budget.IsNews());
    }

    /// <summary>Over any time, whatever the rhythm, no more than a burst and one an interval.</summary>
    [Fact]
    public void It_holds_over_any_rhythm() => EventSequences.Check(events =>
    {
        var budget = new DisplacementBudget(burst: 3, _interval);
        var now = TimeSpan.Zero;
        List<TimeSpan> taken = [];
        foreach (var next in events)
        {
            now += next.Draw(5) * (_interval / 2);
            if (budget.Take(now) is { } wait)
            {
                Assert.InRange(wait, TimeSpan.FromTicks(1), _interval);
            }
            else
            {
                taken.Add(now);
            }
        }

        for (var from = 0; from < taken.Count; from++)
        {
            for (var to = from; to < taken.Count; to++)
            {
                Assert.True(to - from + 1 <= 3 + ((taken[to] - taken[from]) / _interval));
            }
        }
    }, sequences: 200);

    private void Use(TimeSpan now)
    {
        while (_budget.Take(now) is null)
        {
            // As many as there are.
        }
    }
}

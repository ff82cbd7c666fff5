using Switchboard.Client.Serving;

namespace Switchboard.Client.Tests.Serving;

public class BackoffTests
{
    private static readonly TimeSpan _least = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _most = TimeSpan.FromSeconds(30);

    [Fact]
    public void The_ceiling_doubles_up_to_the_most_and_stays_there()
    {
        var backoff = new Backoff(_least, _most, () => 1);
        var waits = Enumerable.Range(0, 100).Select(_ => backoff.Next().TotalMilliseconds).ToList();
        Assert.Equal([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000], waits.Take(8));
        Assert.All(waits.Skip(6), w => Assert.Equal(30000, w));
    }

    [Fact]
    public void Every_wait_is_drawn_from_the_whole_range_and_never_under_the_least()
    {
        var draws = new Queue<double>([0, 0.5, 0.999, 0, 0.5]);
        var backoff = new Backoff(_least, _most, draws.Dequeue);
        Assert.Equal([250, 625, 1998.25, 250, 4125], Enumerable.Range(0, 5).Select(_ => backoff.Next().TotalMilliseconds));
    }

    [Fact]
    public void A_lower_ceiling_holds_for_that_wait_alone()
    {
        var backoff = new Backoff(_least, _most, () => 1);
        for (var i = 0; i < 5; i++)
        {
            backoff.Next();
        }

        Assert.Equal(TimeSpan.FromSeconds(2), backoff.Next(TimeSpan.FromSeconds(2)));
        Assert.Equal(_least, backoff.Next(TimeSpan.FromMilliseconds(1)));
        Assert.Equal(_most, backoff.Next(TimeSpan.FromDays(1)));
        Assert.Equal(_most, backoff.Next());
    }

    [Fact]
    public void After_a_session_that_held_the_first_wait_is_short_again()
    {
        var backoff = new Backoff(_least, _most, () => 1);
        for (var i = 0; i < 10; i++)
        {
            backoff.Next();
        }

        backoff.Reset();
        Assert.Equal(TimeSpan.FromMilliseconds(500), backoff.Next());
    }

    [Fact]
    public void The_longest_waits_that_options_allow_do_not_overflow()
    {
        var backoff = new Backoff(TimeSpan.FromDays(1), TimeSpan.FromDays(1), () => 1);
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(TimeSpan.FromDays(1), backoff.Next());
        }
    }
}

using Switchboard.Client.Serving;

namespace Switchboard.Client.Tests.Serving;

public class HeartbeatWatchTests
{
    [Fact]
    public void Without_a_welcome_in_time_it_is_lost_whatever_else_comes()
    {
        var watch = new HeartbeatWatch(S(15), S(100));
        watch.MessageReceived(S(114));
        Assert.Equal(S(1), watch.Remaining(S(114)));
        Assert.Equal(S(0), watch.Remaining(S(115)));
    }

    [Fact]
    public void No_message_for_two_and_a_half_intervals_is_a_loss_and_every_message_counts()
    {
        var watch = new HeartbeatWatch(S(15), S(0));
        watch.WelcomeReceived(S(10), S(2));
        Assert.Equal(S(25), watch.Remaining(S(2)));
        watch.MessageReceived(S(20));
        Assert.Equal(S(0.5), watch.Remaining(S(44.5)));
        Assert.True(watch.Remaining(S(45)) <= S(0));
    }

    [Fact]
    public void A_gateway_that_names_no_interval_is_not_watched()
    {
        var watch = new HeartbeatWatch(S(15), S(0));
        watch.WelcomeReceived(S(0), S(2));
        Assert.Null(watch.Remaining(S(1_000_000)));
        watch.MessageReceived(S(1_000_000));
        Assert.Null(watch.Remaining(S(2_000_000)));
    }

    [Fact]
    public void After_a_go_away_heartbeats_do_not_keep_it_open_and_the_earliest_end_counts()
    {
        var watch = new HeartbeatWatch(S(15), S(0));
        watch.WelcomeReceived(S(10), S(0));
        watch.EndWithin(S(10), S(5));
        watch.EndWithin(S(600), S(6));
        watch.MessageReceived(S(14));
        Assert.Equal(S(1), watch.Remaining(S(14)));
    }

    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);
}

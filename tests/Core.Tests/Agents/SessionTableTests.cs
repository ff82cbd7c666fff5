using Switchboard.Core.Agents;

namespace Switchboard.Core.Tests.Agents;

public sealed class SessionTableTests
{
    private static readonly SessionId _s1 = new(1);
    private static readonly SessionId _s2 = new(2);
    private static readonly SessionId _s3 = new(3);
    private readonly SessionTable _table = new(capacity: 4);

    /// <summary>W1: connect s1, connect s2, and only then s1's end: it removes s1's entry, which is gone, and not s2's.</summary>
    [Fact]
    public void A_late_disconnect_of_the_older_session_changes_nothing()
    {
        _table.Connect(_s1, 1, 0);
        var second = _table.Connect(_s2, 1, 0);

        Assert.Equal([_s1], second.Displaced.Select(entry => entry.Session));
        Assert.False(_table.Disconnect(_s1));
        Assert.Equal(_s2, _table.Route()?.Session);
    }

    [Fact]
    public void Numbers_grow_past_the_last_and_past_the_clock()
    {
        var first = _table.Connect(_s1, 1, 5_000).ConnectNumber;
        var second = _table.Connect(_s2, 1, 4_000).ConnectNumber;
        var third = _table.Connect(_s3, 1, 9_000).ConnectNumber;

        Assert.Equal([5_001, 5_002, 9_001], [first, second, third]);
    }

    [Fact]
    public void The_same_session_twice_gets_its_number_again_and_displaces_nobody()
    {
        var first = _table.Connect(_s1, 1, 5_000).ConnectNumber;
        var again = _table.Connect(_s1, 1, 6_000);

        Assert.Equal(first, again.ConnectNumber);
        Assert.Empty(again.Displaced);
        Assert.Single(_table.Entries);
    }

    /// <summary>
    /// S1: s1 is displaced by s2 and has not been told; s2 is asked to go; the activation is lost. Whichever of them is announced first,
    /// requests go on reaching s2.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_retiring_session_displaces_again_what_it_had_displaced(bool olderFirst)
    {
        if (olderFirst)
        {
            _table.Announce(_s1, 1, 100);
        }

        var newer = _table.Announce(_s2, 2, 200, retiring: true);
        if (!olderFirst)
        {
            Assert.Equal(AnnounceResult.Refused, _table.Announce(_s1, 1, 100).Result);
        }

        Assert.Equal(olderFirst ? [_s1] : [], newer.Superseded.Select(entry => entry.Session));
        Assert.Equal(_s2, _table.Route()?.Session);
    }

    /// <summary>S1: an announce that comes after its goodbye is refused, and its number is heard all the same.</summary>
    [Fact]
    public void A_number_is_heard_from_an_announce_that_is_too_late()
    {
        _table.Disconnect(_s1);
        Assert.Equal(AnnounceResult.Refused, _table.Announce(_s1, 1, 5_000).Result);
        Assert.Equal(5_001, _table.Connect(_s2, 1, 1_000).ConnectNumber);
    }

    /// <summary>S2: told to go, it is reachable until its successor is there; from then on it gets nothing, and stays.</summary>
    [Fact]
    public void A_retiring_session_is_displaced_by_nobody_and_gets_nothing_once_it_has_a_successor()
    {
        _table.Connect(_s1, 1, 0);
        Assert.True(_table.Retire(_s1));
        Assert.True(_table.Retire(_s1));
        Assert.Equal(_s1, _table.Route()?.Session);

        Assert.Empty(_table.Connect(_s2, 2, 0).Displaced);
        Assert.Equal([_s1, _s2], _table.Entries.Select(entry => entry.Session));
        Assert.Equal(_s2, _table.Route()?.Session);
        Assert.True(_table.Disconnect(_s1));
        Assert.False(_table.Retire(_s1));
    }

    /// <summary>The oldest of them goes: a newcomer who was refused could not respond to anything, the old one is on its way out.</summary>
    [Fact]
    public void A_table_full_of_retiring_sessions_makes_room_for_a_newcomer()
    {
        for (ulong i = 10; i < 14; i++)
        {
            _table.Connect(new SessionId(i), 1, 0);
            _table.Retire(new SessionId(i));
        }

        Assert.Equal([new SessionId(10)], _table.Connect(_s1, 1, 0).Displaced.Select(entry => entry.Session));
        Assert.Equal(4, _table.Entries.Count);
        Assert.Equal(_s1, _table.Route()?.Session);
    }

    [Fact]
    public void After_a_lost_activation_a_retiring_session_is_taken_back_beside_its_successor()
    {
        Assert.Equal(AnnounceResult.Taken, _table.Announce(_s2, 2, 20).Result);
        var retiring = _table.Announce(_s1, 1, 10, retiring: true);

        Assert.Equal(AnnounceResult.Taken, retiring.Result);
        Assert.Empty(retiring.Superseded);
        Assert.Equal(_s2, _table.Route()?.Session);
        Assert.Equal(AnnounceResult.Refused, _table.Announce(_s3, 1, 10).Result);
    }

    [Fact]
    public void An_announce_refreshes_the_front_door_and_may_say_that_the_session_retires()
    {
        var number = _table.Connect(_s1, 1, 0).ConnectNumber;

        Assert.Equal(AnnounceResult.Refreshed, _table.Announce(_s1, 2, number).Result);
        Assert.Equal(2, _table.Route()!.FrontDoor);
        Assert.Equal(AnnounceResult.Refreshed, _table.Announce(_s1, 2, number, retiring: true).Result);
        Assert.True(_table.Route()!.Retiring);
        Assert.Equal(AnnounceResult.Refreshed, _table.Announce(_s1, 2, number, retiring: false).Result);
        Assert.True(_table.Route()!.Retiring);
    }

    /// <summary>An announce raises the last number, so that a connect on a silo whose clock is behind is the newer all the same.</summary>
    [Fact]
    public void A_connect_is_newer_than_all_that_was_announced()
    {
        _table.Announce(_s1, 1, 1_000_000);
        var connect = _table.Connect(_s2, 1, clockMs: 5);

        Assert.Equal(1_000_001, connect.ConnectNumber);
        Assert.Equal(AnnounceResult.Refused, _table.Announce(_s1, 1, 1_000_000).Result);
        Assert.Equal(_s2, _table.Route()?.Session);
    }

    /// <summary>Two activations within a millisecond may give one number twice; an announce does not displace even then.</summary>
    [Fact]
    public void An_announce_with_the_number_of_another_is_refused()
    {
        var number = _table.Connect(_s2, 1, 1_000).ConnectNumber;

        Assert.Equal(AnnounceResult.Refused, _table.Announce(_s1, 1, number).Result);
        Assert.Equal(_s2, _table.Route()?.Session);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void A_number_that_was_never_given_is_refused(long number)
    {
        Assert.Equal(AnnounceResult.Refused, _table.Announce(_s1, 1, number).Result);
        Assert.Empty(_table.Entries);
    }

    /// <summary>Calls about one session are not ordered either: whatever comes after its goodbye is late.</summary>
    [Fact]
    public void A_connect_or_an_announce_that_arrives_after_the_disconnect_enters_nobody()
    {
        var number = _table.Connect(_s1, 1, 0).ConnectNumber;
        _table.Disconnect(_s1);
        Assert.Equal(AnnounceResult.Refused, _table.Announce(_s1, 1, number).Result);
        Assert.Equal(AnnounceResult.Refused, _table.Announce(_s1, 1, number, retiring: true).Result);

        _table.Connect(_s2, 1, 0);
        Assert.False(_table.Disconnect(_s3));
        Assert.Empty(_table.Connect(_s3, 1, 0).Displaced);
        Assert.Equal(_s2, _table.Route()?.Session);
    }

    [Fact]
    public void A_front_door_that_was_only_slow_gets_its_session_back()
    {
        _table.Connect(_s1, 1, 0);
        _table.Retire(_s1);
        var number = _table.Connect(_s2, 2, 0).ConnectNumber;

        Assert.Equal([_s2], _table.DropFrontDoor(2).Select(entry => entry.Session));
        Assert.Equal(_s1, _table.Route()?.Session);
        Assert.Equal(AnnounceResult.Taken, _table.Announce(_s2, 2, number).Result);
        Assert.Equal(_s2, _table.Route()?.Session);
        Assert.Empty(_table.DropFrontDoor(9));
    }

    [Fact]
    public void The_list_of_entries_stays_as_it_was_taken()
    {
        _table.Connect(_s1, 1, 0);
        var before = _table.Entries;
        _table.Connect(_s2, 1, 0);

        Assert.Equal([_s1], before.Select(entry => entry.Session));
    }

    /// <summary>Kicked, then announced by a call that was under way: it stays out, and its front door hears of the kick, not of a rival.</summary>
    [Fact]
    public void A_kick_empties_the_table_and_is_what_later_announces_hear()
    {
        _table.Connect(_s1, 1, 0);
        _table.Retire(_s1);
        var number = _table.Connect(_s2, 1, 0).ConnectNumber;

        Assert.Equal([_s1, _s2], _table.Kick().Select(entry => entry.Session));
        Assert.Null(_table.Route());
        Assert.False(_table.Disconnect(_s2));
        Assert.Equal(AnnounceResult.Kicked, _table.Announce(_s2, 1, number).Result);
        Assert.Equal(AnnounceResult.Kicked, _table.Announce(_s1, 1, number, retiring: true).Result);
        Assert.True(_table.Connect(_s3, 1, 0).ConnectNumber > number);
        Assert.Equal(_s3, _table.Route()?.Session);
        Assert.Empty(new SessionTable(1).Kick());
    }

    [Fact]
    public void A_table_needs_room_for_one() => Assert.Throws<ArgumentOutOfRangeException>(() => new SessionTable(0));
}

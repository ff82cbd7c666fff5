using Switchboard.Core.Agents;

namespace Switchboard.Core.Tests.Agents;

/// <summary>The session table under the policy <c>pool</c>.</summary>
public sealed class PoolTableTests
{
    private static readonly SessionId _s1 = new(1);
    private static readonly SessionId _s2 = new(2);
    private static readonly SessionId _s3 = new(3);
    private static readonly SessionId _s4 = new(4);
    private readonly SessionTable _table = new(capacity: 3, SessionPolicy.Pool);

    [Fact]
    public void Every_session_stays_and_is_a_candidate()
    {
        Assert.Empty(_table.Connect(_s1, 1, 0).Displaced);
        Assert.False(_table.WouldDisplace(_s2));
        Assert.Empty(_table.Connect(_s2, 2, 0).Displaced);
        Assert.Equal([_s2, _s1], Candidates());

        Assert.True(_table.Disconnect(_s1));
        Assert.Equal([_s2], Candidates());
    }

    /// <summary>R5, and nobody who works is disturbed by one too many.</summary>
    [Fact]
    public void A_full_pool_refuses_a_newcomer()
    {
        Fill();
        var fourth = _table.Connect(_s4, 1, 0);

        Assert.True(fourth.Refused);
        Assert.Equal((0, 0), (fourth.ConnectNumber, fourth.Displaced.Count));
        Assert.Equal([_s3, _s2, _s1], Candidates());
        Assert.False(_table.Connect(_s2, 1, 0).Refused);

        _table.Disconnect(_s2);
        Assert.False(_table.Connect(_s4, 1, 0).Refused);
        Assert.Equal([_s4, _s3, _s1], Candidates());
    }

    [Fact]
    public void In_a_full_pool_a_retiring_session_makes_room()
    {
        Fill();
        _table.Retire(_s2);
        Assert.Equal([_s3, _s1], Candidates());
        Assert.Equal([_s2], _table.Connect(_s4, 1, 0).Displaced.Select(entry => entry.Session));
        Assert.Equal([_s4, _s3, _s1], Candidates());
    }

    /// <summary>S2: where all drain at once, they are better than nobody.</summary>
    [Fact]
    public void Where_all_retire_all_are_candidates()
    {
        Fill();
        foreach (var entry in _table.Entries)
        {
            _table.Retire(entry.Session);
        }

        Assert.Equal([_s3, _s2, _s1], Candidates());
    }

    /// <summary>The table was lost, a newcomer came before the last announce: that one has to go, and was not displaced by a rival.</summary>
    [Fact]
    public void An_announce_finds_no_room_in_a_full_pool()
    {
        Assert.Equal(AnnounceResult.Taken, _table.Announce(_s2, 1, 20).Result);
        Assert.Equal(AnnounceResult.Taken, _table.Announce(_s1, 1, 10).Result);
        _table.Connect(_s3, 1, 0);
        Assert.Equal(AnnounceResult.NoRoom, _table.Announce(_s4, 1, 15).Result);
        Assert.Equal(AnnounceResult.Refreshed, _table.Announce(_s1, 1, 10).Result);
        Assert.Equal([_s3, _s2, _s1], Candidates());
    }

    [Fact]
    public void Goodbyes_are_remembered_for_a_whole_pool()
    {
        var table = new SessionTable(capacity: 100, SessionPolicy.Pool);
        for (ulong i = 1; i <= 100; i++)
        {
            table.Connect(new SessionId(i), 1, 0);
        }

        Assert.Equal(100, table.Kick().Count);
        Assert.All(Enumerable.Range(1, 100), i => Assert.Equal(AnnounceResult.Kicked, table.Announce(new SessionId((ulong)i), 1, i).Result));
    }

    private void Fill()
    {
        foreach (var session in new[] { _s1, _s2, _s3 })
        {
            Assert.False(_table.Connect(session, 1, 0).Refused);
        }
    }

    private IEnumerable<SessionId> Candidates() => _table.Candidates().Select(entry => entry.Session);
}

using Switchboard.Abstractions.Presence;
using Switchboard.Grains.Presence;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.Presence;

public sealed class AgentIndexTests
{
    private static readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reports overtake each other: an older connect says nothing, and within one connect the end comes last.</summary>
    [Fact]
    public void Old_news_is_ignored()
    {
        var index = new AgentIndex(10, long.MaxValue);
        index.Report(Agent("a", online: true, connect: 2));
        index.Report(Agent("a", online: false, connect: 1));
        Assert.True(index.Find("default", "a")!.Online);
        index.Report(Agent("a", online: false, connect: 2));
        index.Report(Agent("a", online: true, connect: 2));
        Assert.False(index.Find("default", "a")!.Online);
        index.Report(Agent("a", online: true, connect: 3));
        Assert.True(index.Find("default", "a")!.Online);
        Assert.Equal(1, index.Count);
    }

    /// <summary>
    /// Past the capacity the offline one that was seen longest ago goes, then the online one; never an online for an offline.
    /// </summary>
    [Fact]
    public void The_longest_gone_is_forgotten()
    {
        var index = new AgentIndex(3, long.MaxValue);
        index.Report(Agent("on", online: true, seen: 0));
        index.Report(Agent("off1", online: false, seen: 1));
        index.Report(Agent("off2", online: false, seen: 2));
        Assert.Equal("off1", Assert.Single(index.Report(Agent("x", online: true, seen: 3))).AgentId);
        Assert.Equal("off2", Assert.Single(index.Report(Agent("y", online: true, seen: 4))).AgentId);
        Assert.Equal("z", Assert.Single(index.Report(Agent("z", online: false, seen: 5))).AgentId);
        Assert.Equal("on", Assert.Single(index.Report(Agent("z", online: true, seen: 6))).AgentId);
        Assert.Equal(["x", "y", "z"], Ids(index.List(Query())));
        Assert.Equal(3, index.Count);
    }

    /// <summary>Labels are memory: past the bytes the longest-gone go, as many as it takes, and the sum comes back to nothing.</summary>
    [Fact]
    public void Bytes_are_bounded_as_counts_are()
    {
        var labels = new Dictionary<string, string> { ["k"] = new('v', 2000) };
        var large = Agent("large", online: true, seen: 9) with { Labels = labels };
        var one = AgentIndex.CostOf(Agent("off1", online: false));
        var index = new AgentIndex(100, AgentIndex.CostOf(large) + one);
        for (var i = 1; i <= 5; i++)
        {
            index.Report(Agent($"off{i}", online: false, seen: i));
        }

        var before = index.Count;
        Assert.Equal(before * one, index.Bytes);
        Assert.Equal(before - 1, index.Report(large).Count);
        Assert.Equal(["large", $"off{before}"], Ids(index.List(Query())).Order(StringComparer.Ordinal));
        Assert.True(index.Bytes <= AgentIndex.CostOf(large) + one);
        Assert.Equal(1, index.Forget(_start.AddDays(1), most: 10));
        Assert.Equal(AgentIndex.CostOf(large), index.Bytes);
    }

    /// <summary>Who is away for long is forgotten, the longest-gone first and so many at once; who is online stays.</summary>
    [Fact]
    public void Who_is_away_for_long_is_forgotten()
    {
        var index = new AgentIndex(100, long.MaxValue);
        index.Report(Agent("on", online: true, seen: 0));
        for (var i = 1; i <= 4; i++)
        {
            index.Report(Agent($"off{i}", online: false, seen: i));
        }

        Assert.Equal(0, index.Forget(_start, most: 10));
        Assert.Equal(2, index.Forget(index.Find("default", "off4")!.LastSeen, most: 2));
        Assert.Equal(["off3", "off4", "on"], Ids(index.List(Query())));
        Assert.Equal(1, index.Forget(index.Find("default", "off4")!.LastSeen, most: 2));
        Assert.Equal(["off4", "on"], Ids(index.List(Query())));
    }

    /// <summary>Pages in ordinal order, each agent once, one tenant only; filters count before the limit.</summary>
    [Fact]
    public void Pages_are_in_ordinal_order()
    {
        var index = new AgentIndex(100, long.MaxValue);
        foreach (var id in new[] { "b", "B", "a-1", "a", "Z", "a.1" })
        {
            index.Report(Agent(id, online: id != "a"));
        }

        index.Report(Agent("a", online: true) with { Tenant = "another" });
        index.Report(Agent("zz", online: true) with { Tenant = "zebra" });
        Assert.Equal(new[] { "B", "Z", "a", "a-1", "a.1", "b" }, Ids(index.List(Query())));
        var (ids, after) = (new List<string>(), "");
        for (var more = true; more;)
        {
            var page = index.List(Query() with { Limit = 2, After = after });
            ids.AddRange(Ids(page));
            (more, after) = (page.More, ids[^1]);
        }

        Assert.Equal(["B", "Z", "a", "a-1", "a.1", "b"], ids);
        Assert.Equal(["a"], Ids(index.List(Query() with { Online = false })));
        var one = index.List(Query() with { Online = true, Limit = 5 });
        Assert.Equal((5, false), (one.Agents.Count, one.More));
        Assert.Empty(index.List(Query() with { After = "zzz" }).Agents);
        Assert.Empty(new AgentIndex(1, long.MaxValue).List(Query()).Agents);
    }

    /// <summary>Every label asked for must be there with its value.</summary>
    [Fact]
    public void Labels_select()
    {
        var index = new AgentIndex(10, long.MaxValue);
        index.Report(Agent("a", online: true) with { Labels = new Dictionary<string, string> { ["os"] = "linux", ["arch"] = "arm" } });
        index.Report(Agent("b", online: true) with { Labels = new Dictionary<string, string> { ["os"] = "linux" } });
        Assert.Equal(["a", "b"], Ids(index.List(Labels(("os", "linux")))));
        Assert.Equal(["a"], Ids(index.List(Labels(("os", "linux"), ("arch", "arm")))));
        Assert.Empty(Ids(index.List(Labels(("os", "Linux")))));
    }

    /// <summary>The grain holds its bounds: a page of at most 1,000, an agent's name is checked.</summary>
    [Fact]
    public async Task The_grain_keeps_what_it_was_told()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var index = cluster.Grains.GetGrain<IAgentIndexGrain>(IAgentIndexGrain.FirstShard);
        await index.Report(Agent("a", online: true)).DefaultTimeout();
        await Assert.ThrowsAsync<ArgumentException>(() => index.Report(Agent("no spaces", online: true))).DefaultTimeout();
        var page = await index.List(Query() with { Limit = int.MaxValue }).DefaultTimeout();
        Assert.Equal("a", Assert.Single(page.Agents).AgentId);
        Assert.Equal("a", (await index.Find("default", "a").DefaultTimeout())!.AgentId);
        Assert.Null(await index.Find("default", "b").DefaultTimeout());
    }

    private static string[] Ids(AgentPage page) => page.Agents.Select(a => a.AgentId).ToArray();

    private static AgentQuery Query() => new() { Tenant = "default", Limit = 100 };

    private static AgentQuery Labels(params (string Key, string Value)[] labels) =>
        Query() with { Labels = labels.ToDictionary(l => l.Key, l => l.Value) };

    private static AgentReport Agent(string id, bool online, long connect = 1, int seen = 0) => new()
    {
        Tenant = "default",
        AgentId = id,
        Online = online,
        ConnectNumber = connect,
        Session = 1,
        FrontDoor = 1,
        LastSeen = _start.AddSeconds(seen),
        Labels = new Dictionary<string, string>(),
        SoftwareVersion = "1",
    };
}

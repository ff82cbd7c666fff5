using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Core.Agents;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.Agents;

/// <summary>Policy <c>pool</c>, and the choice of a policy by configuration.</summary>
public sealed class PoolTests : IAsyncLifetime
{
    private GrainCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await GrainCluster.StartAsync(settings: new Dictionary<string, string?>
    {
        ["Switchboard:Agents:Policies:0:Pattern"] = "runner-main",
        ["Switchboard:Agents:Policies:0:Policy"] = "Latest",
        ["Switchboard:Agents:Policies:1:Pattern"] = "runner-*",
        ["Switchboard:Agents:Policies:1:Policy"] = "pool",
        ["Switchboard:Grains:SessionsPerPool"] = "3",
    });

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task The_policy_is_that_of_the_first_pattern_that_matches()
    {
        var door = await _cluster.DoorAsync();
        foreach (var (name, sessions) in new[] { ("runner-1", 2), ("runner-main", 1), ("other", 1) })
        {
            var agent = _cluster.Agent(name);
            await door.ConnectAsync(agent, 1);
            await door.ConnectAsync(agent, 2);
            var route = await agent.Route().DefaultTimeout();
            Assert.Equal((sessions, sessions == 2), (route.Targets.Count, route.Pool));
        }
    }

    /// <summary>S1 for a pool: sessions come and go at two front doors, an activation is lost, and each that lives is a candidate.</summary>
    [Fact]
    public async Task Sessions_stay_until_they_end()
    {
        var (one, two) = (await _cluster.DoorAsync(), await _cluster.DoorAsync());
        var agent = _cluster.Agent("runner-2");
        await one.ConnectAsync(agent, 1);
        var second = await agent.Connect(two.Connecting("default/runner-2", 2)).DefaultTimeout();
        Assert.Equal((ConnectResult.Connected, true, 0), (second.Result, second.Pool, second.Displaced.Count));
        two.Hold("default/runner-2", 2, second.ConnectNumber);
        Assert.Equal([2UL, 1UL], await agent.SessionsAsync());

        await GrainCluster.LoseAsync(agent);
        Assert.Equal([2UL, 1UL], await agent.SessionsAsync());
        one.Drop("default/runner-2", 1);
        await agent.Disconnect(1).DefaultTimeout();
        Assert.Equal([2UL], await agent.SessionsAsync());
        Assert.Empty(await agent.SessionsAsync(refused: 2));
        Assert.False(one.Ended.TryRead(out _));
        Assert.False(two.Ended.TryRead(out _));
    }

    /// <summary>R5: one too many is refused, and disturbs nobody. What finds its place taken after a loss may come back later.</summary>
    [Fact]
    public async Task A_full_pool_refuses()
    {
        var door = await _cluster.DoorAsync();
        var agent = _cluster.Agent("runner-3");
        for (var session = 1UL; session <= 3; session++)
        {
            await door.ConnectAsync(agent, session);
        }

        var fourth = await agent.Connect(door.Connecting("default/runner-3", 4)).DefaultTimeout();
        Assert.Equal((ConnectResult.PoolFull, 0L), (fourth.Result, fourth.ConnectNumber));
        Assert.Equal([3UL, 2UL, 1UL], await agent.SessionsAsync());
        Assert.Equal(1, _cluster.Log.Count(EventIds.AgentPoolFull));
        var late = door.Hold("default/runner-3", 5, fourth.ConnectNumber + 1);
        Assert.Equal(SessionEndReason.Kicked, await agent.Announce(late).DefaultTimeout());
        Assert.Equal(3, (await agent.Kick().DefaultTimeout()).Count);
    }

    /// <summary>Wrong entries stop the start, each named by its place.</summary>
    [Fact]
    public void Wrong_policies_are_refused_by_name()
    {
        var options = new AgentPolicyOptions
        {
            Policies = [new() { Pattern = "ok-*" }, new() { Pattern = "" }, new() { Pattern = "a b", Policy = (SessionPolicy)9 }],
        };
        Assert.Equal(
            [
                "Switchboard:Agents:Policies:1:Pattern is ''; it is empty; `*` matches every agent.",
                "Switchboard:Agents:Policies:2:Pattern is 'a b'; it matches no agent: it must be made of A-Z a-z 0-9 . _ : - and of `*` "
                + "(any run) and `?` (any one character).",
                "Switchboard:Agents:Policies:2:Policy is '9'; it must be one of Latest, Pool.",
            ],
            new AgentPolicyOptionsValidator().Validate(null, options).Failures);
        options.Policies = [.. Enumerable.Range(0, 1001).Select(i => new AgentPolicyRule { Pattern = $"a{i}" })];
        Assert.Equal(
            ["Switchboard:Agents:Policies has 1001 entries; at most 1000 are allowed."],
            new AgentPolicyOptionsValidator().Validate(null, options).Failures);
        options.Policies = [.. options.Policies.Take(1000)];
        Assert.True(new AgentPolicyOptionsValidator().Validate(null, options).Succeeded);
    }
}

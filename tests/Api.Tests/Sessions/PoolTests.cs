using Grpc.Core;
using Switchboard.Abstractions.Agents;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Sessions;
using Switchboard.Core.Requests;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Sessions;

/// <summary>Policy <c>pool</c> over real connections: every session gets its share, and which, the figures of in flight say.</summary>
public sealed class PoolTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartAsync(settings:
    [
        ("Switchboard:Agents:Policies:0:Pattern", "pool-*"),
        ("Switchboard:Agents:Policies:0:Policy", "pool"),
        ("Switchboard:Grains:SessionsPerPool", "3"),
    ]);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    /// <summary>Held requests are spread evenly; one that gets its response makes its session the next.</summary>
    [Fact]
    public async Task The_session_with_the_fewest_in_flight_gets_the_next()
    {
        var agents = await ConnectAsync("pool-a", 3);
        var held = new List<TestCall>();
        var got = new List<(TestAgent Agent, AgentRequest Request)>();
        for (var i = 0; i < 9; i++)
        {
            held.Add(TestCall.Start(_host, "pool-a", $"{i}"));
            got.Add(await NextAsync(agents));
        }

        Assert.All(agents, agent => Assert.Equal(3, got.Count(g => g.Agent == agent)));
        var (free, responded) = got[4];
        Assert.Equal(StatusCode.OK, await free.RespondAsync(responded.Id, new AgentResponse { Body = responded.Body }));
        Assert.Equal("4", (await held[4].EndAsync()).Text);
        held.Add(TestCall.Start(_host, "pool-a", "next"));
        Assert.Same(free, (await NextAsync(agents)).Agent);
        held.ForEach(call => call.Dispose());
        await _host.AssertQuietAsync();
        await CloseAsync(agents);
    }

    /// <summary>One that takes no more leaves the request to the others; where all are full, it is overloaded, unsent.</summary>
    [Fact]
    public async Task Only_when_all_are_full_it_is_overloaded()
    {
        await using var small = await TestAgent.ConnectAsync(_host, "pool-b", maxInFlight: 1);
        await using var large = await TestAgent.ConnectAsync(_host, "pool-b", maxInFlight: 2);
        var held = new List<TestCall>();
        for (var i = 0; i < 3; i++)
        {
            held.Add(TestCall.Start(_host, "pool-b"));
            await NextAsync([small, large]);
        }

        var end = await TestCall.RunAsync(_host, "pool-b");
        Assert.Equal(("overloaded", "no"), (end.Reason, end.Sent));
        held.ForEach(call => call.Dispose());
        await _host.AssertQuietAsync();
    }

    /// <summary>
    /// S1, the route that is remembered: one that joins is used at once, one that leaves is not missed, also where nothing told the
    /// grain or the cache of it.
    /// </summary>
    [Fact]
    public async Task Sessions_join_and_leave()
    {
        await using var first = await TestAgent.ConnectAsync(_host, "pool-c");
        ulong left;
        using (var held = TestCall.Start(_host, "pool-c"))
        {
            await first.NextRequestAsync();
            await using var second = await TestAgent.ConnectAsync(_host, "pool-c");
            using var next = TestCall.Start(_host, "pool-c");
            var request = await second.NextRequestAsync();
            await second.RespondAsync(request.Id, new AgentResponse());
            Assert.Equal(StatusCode.OK, (await next.EndAsync()).Status);
            left = second.SessionId;
        }

        // Until the gateway has heard of it, what it sends there ends agent-disconnected, which is the truth.
        await Eventually.IsTrueAsync(() => _host.Sessions.Find(left) is null, () => "the session is still there");
        _ = first.EchoAsync();
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("x", (await TestCall.RunAsync(_host, "pool-c", "x")).Text);
        }

        // The grain, and so the cache, believe in a session that this front door does not have.
        var grain = _host.Service<IGrainFactory>().GetGrain<IAgentGrain>("default/pool-c");
        var frontDoor = _host.Service<IFrontDoor>();
        await grain.Connect(new SessionConnect { Session = 77, FrontDoor = frontDoor.Number, Observer = frontDoor.Observer(77) });
        _host.Service<RouteCache<AgentSession>>().Forget(_host.Sessions.Find(first.SessionId)!.Agent);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("x", (await TestCall.RunAsync(_host, "pool-c", "x")).Text);
        }

        await _host.AssertQuietAsync();
    }

    /// <summary>What one session had not been sent goes to another when it ends; what it had been sent ends with the truth.</summary>
    [Fact]
    public async Task A_session_that_dies_takes_only_its_own_with_it()
    {
        await using var lives = await TestAgent.ConnectAsync(_host, "pool-d");
        var dies = await TestAgent.ConnectAsync(_host, "pool-d");
        var calls = new List<TestCall>();
        var got = new List<TestAgent>();
        for (var i = 0; i < 4; i++)
        {
            calls.Add(TestCall.Start(_host, "pool-d"));
            got.Add((await NextAsync([lives, dies])).Agent);
        }

        dies.Kill();
        for (var i = 0; i < 4; i++)
        {
            if (got[i] == dies)
            {
                Assert.Equal("agent-disconnected", (await calls[i].EndAsync()).Reason);
            }
            else
            {
                calls[i].Dispose();
            }
        }

        _ = lives.EchoAsync();
        Assert.Equal("y", (await TestCall.RunAsync(_host, "pool-d", "y")).Text);
        await _host.AssertQuietAsync();
    }

    /// <summary>R5: a pool that is full says so to one too many, and nobody of those that are there is disturbed.</summary>
    [Fact]
    public async Task One_too_many_is_refused()
    {
        var agents = await ConnectAsync("pool-e", 3);
        var refused = await Assert.ThrowsAsync<RpcException>(() => TestAgent.ConnectAsync(_host, "pool-e"));
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Contains("SessionsPerPool", refused.Status.Detail, StringComparison.Ordinal);
        Assert.All(agents, agent => Assert.False(agent.Ended.IsCompleted));
        await agents[0].DisposeAsync();
        await using var now = await Eventually.IsThereAsync(TryConnectAsync, "a place in the pool");
        await CloseAsync(agents[1..]);

        async Task<TestAgent?> TryConnectAsync()
        {
            try
            {
                return await TestAgent.ConnectAsync(_host, "pool-e");
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted)
            {
                return null;
            }
        }
    }

    private async Task<List<TestAgent>> ConnectAsync(string id, int count)
    {
        var agents = new List<TestAgent>();
        for (var i = 0; i < count; i++)
        {
            agents.Add(await TestAgent.ConnectAsync(_host, id));
        }

        return agents;
    }

    private static async Task<(TestAgent Agent, AgentRequest Request)> NextAsync(List<TestAgent> agents)
    {
        AgentRequest? request = null;
        TestAgent? who = null;
        await Eventually.IsTrueAsync(
            () => (who = agents.Find(agent => agent.TryNextRequest(out request))) is not null, () => "nobody got the request");
        return (who!, request!);
    }

    private static async Task CloseAsync(List<TestAgent> agents)
    {
        foreach (var agent in agents)
        {
            await agent.DisposeAsync();
        }
    }
}

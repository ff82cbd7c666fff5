using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Placement;
using Orleans.Serialization;
using Orleans.Storage;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.TwoSilos;

/// <summary>What one silo cannot show.</summary>
public sealed class TwoSiloTests : IAsyncLifetime
{
    private GrainCluster _cluster = null!;

    private readonly ConcurrentDictionary<string, SharedStorage.Row> _rows = new();

    public async Task InitializeAsync() => _cluster = await GrainCluster.StartAsync(silos: 2, configure: silo => silo.Services
        .AddKeyedSingleton<IGrainStorage>(Names.Storage.Provider, (p, _) => new SharedStorage(_rows, p.GetRequiredService<Serializer>())));

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    /// <summary>
    /// W1: a thousand rounds with a front door on each of two silos and agents on both: a late disconnect changes nothing.
    /// </summary>
    [Fact]
    public async Task A_late_disconnect_changes_nothing()
    {
        var (one, other) = (await _cluster.DoorAsync(Silo(0)), await _cluster.DoorAsync(Silo(1)));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            var name = $"two-{i}";
            var (atOne, atOther) = (Silo(0).GetGrain<IAgentGrain>($"default/{name}"), Silo(1).GetGrain<IAgentGrain>($"default/{name}"));
            for (var round = 1UL; round <= 50; round++)
            {
                var (a, b) = (round * 2, (round * 2) + 1);
                await one.ConnectAsync(atOne, a);
                await other.ConnectAsync(atOther, b);
                one.Drop($"default/{name}", a);
                await atOne.Disconnect(a).DefaultTimeout();
                var route = await atOne.RouteAsync();
                Assert.Equal((b, other.Number), (route!.Session, route.FrontDoor));
                Assert.Single(await route.Observer.HeldSessions($"default/{name}").DefaultTimeout());
                other.Drop($"default/{name}", b);
                await atOther.Disconnect(b).DefaultTimeout();
            }
        }));
    }

    /// <summary>
    /// S1: the silo with the agents' grains and the registry stops; the other asks the front doors, and every agent is still reached.
    /// </summary>
    [Fact]
    public async Task A_silo_that_stops_loses_no_agent()
    {
        RequestContext.Set(IPlacementDirector.PlacementHintKey, _cluster.Cluster.Silos[1].SiloAddress);
        var door = await _cluster.DoorAsync(Silo(0));
        var agents = Enumerable.Range(0, 50).Select(i => Silo(0).GetGrain<IAgentGrain>($"default/stop-{i}")).ToList();
        foreach (var agent in agents)
        {
            await door.ConnectAsync(agent, 1);
        }

        RequestContext.Clear();
        await _cluster.Cluster.StopSiloAsync(_cluster.Cluster.Silos[1]);
        foreach (var agent in agents)
        {
            // Slowly: where the registry refuses, the inquiry pauses by this clock, and ends by it after a second.
            var route = agent.RouteAsync();
            await Eventually.AdvanceUntilAsync(_cluster.Time, route, TimeSpan.FromMilliseconds(1));
            Assert.Equal(1UL, (await route)?.Session);
        }

        Assert.InRange(_cluster.Log.Count(EventIds.AgentActivated), 100, 1000);
    }

    /// <summary>Words about durable requests cross from one silo to the other and back, and so do descriptions of them.</summary>
    [Fact]
    public async Task Messages_cross_between_silos()
    {
        var (one, other) = (await _cluster.DoorAsync(Silo(0)), await _cluster.DoorAsync(Silo(1)));
        await one.ConnectAsync(_cluster.Agent("worker"), 1);
        await other.ConnectAsync(_cluster.Agent("worker"), 2);
        Assert.Equal(1UL, (await one.Ended.ReadAsync().DefaultTimeout()).Session);
        for (var id = 1UL; id <= 20; id++)
        {
            var key = new RequestId(id).ToString();
            var (here, there) = (Silo(0).GetGrain<IRequestGrain>(key), Silo(1).GetGrain<IRequestGrain>(key));
            await _cluster.Requests.AcceptAsync(LoggedRequests.New(id), default);
            await Silo(0).GetGrain<IAgentGrain>("default/worker").Deliver().DefaultTimeout();
            Assert.Equal("default/worker", await other.AskedToDeliver.ReadAsync().DefaultTimeout());
            Assert.Equal("work", (await here.Watch(one.Reference).DefaultTimeout())!.Method);
            Assert.Equal(CancelResult.Cancelled, await there.Cancel().DefaultTimeout());
            Assert.Equal(id, await one.RequestsEnded.ReadAsync().DefaultTimeout());
            Assert.Equal(Verdict.CallerCancelled, (await there.Describe().DefaultTimeout())!.Verdict);
        }

        Assert.False(one.AskedToDeliver.TryRead(out _));
        var status = await Silo(0).GetGrain<IAgentGrain>("default/worker").GetStatus().DefaultTimeout();
        Assert.Equal(2UL, Assert.Single(status.Sessions).Session);
    }

    private IGrainFactory Silo(int index) => _cluster.Cluster.Silos[index].ServiceProvider.GetRequiredService<IGrainFactory>();
}

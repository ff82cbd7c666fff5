using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Runtime.Placement;
using Orleans.Serialization;
using Orleans.Storage;
using Orleans.TestingHost;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Presence;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.TwoSilos;

/// <summary>A silo that is declared dead takes its front door with it, whichever of the two had the registry.</summary>
public sealed class DeadSiloTests : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, SharedStorage.Row> _rows = new();
    private GrainCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _cluster = await GrainCluster.StartAsync(silos: 2, configure: silo =>
        {
            silo.Services.AddKeyedSingleton<IGrainStorage>(
                Names.Storage.Provider, (p, _) => new SharedStorage(_rows, p.GetRequiredService<Serializer>()));
            silo.Configure<ClusterMembershipOptions>(static o =>
            {
                o.ProbeTimeout = TimeSpan.FromMilliseconds(500);
                o.NumMissedProbesLimit = 2;
                o.NumVotesForDeathDeclaration = 1;
            });
        });
        // What the dead one's grains log as it goes is not the matter here.
        _cluster.ErrorsExpected = true;
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    /// <summary>
    /// By membership, and not by time: the grains' clock moves by less than a lease. The agents there are offline, the number rests, and a
    /// renewal that the dead process may still send is refused, under its number and for any.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Its_front_door_is_gone_when_it_is_declared_dead(int registryAt)
    {
        var (stays, dies) = (_cluster.Cluster.Silos[0], _cluster.Cluster.Silos[1]);
        RequestContext.Set(IPlacementDirector.PlacementHintKey, _cluster.Cluster.Silos[registryAt].SiloAddress);
        await _cluster.Registry.List().DefaultTimeout();
        RequestContext.Set(IPlacementDirector.PlacementHintKey, stays.SiloAddress);
        var (living, dead) = (await DoorAsync(stays), await DoorAsync(dies));
        var index = GrainsOf(stays).GetGrain<IAgentIndexGrain>(IAgentIndexGrain.FirstShard);
        var agent = GrainsOf(stays).GetGrain<Abstractions.Agents.IAgentGrain>("default/left");
        var number = await dead.ConnectAsync(agent, 7);
        await index.Report(ReportOf(dead, number)).DefaultTimeout();
        RequestContext.Clear();

        await _cluster.Cluster.KillSiloAsync(dies);
        var registry = GrainsOf(stays).GetGrain<Abstractions.FrontDoors.IFrontDoorRegistryGrain>(
            Abstractions.FrontDoors.IFrontDoorRegistryGrain.Key);
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return (await registry.List()).Count == 1;
                }
                catch (Exception e) when (e is OrleansMessageRejectionException or TimeoutException)
                {
                    return false;
                }
            },
            "the registry to hear of the death");
        Assert.Equal(living.Holder, Assert.Single(await registry.List().DefaultTimeout()).Holder);
        foreach (var wanted in new[] { dead.Number, (ushort)0 })
        {
            var late = await registry.Lease(dead.Lease with { Silo = dies.SiloAddress, Number = wanted }).DefaultTimeout();
            Assert.Equal((0, true), (late.Number, late.SiloIsDead));
            Assert.Equal([dead.Number], late.Gone);
        }

        var renewed = await registry.Lease(living.Lease with { Silo = stays.SiloAddress }).DefaultTimeout();
        Assert.Equal((living.Number, false), (renewed.Number, renewed.SiloIsDead));
        Assert.Equal([dead.Number], renewed.Gone);

        // Far less than a lease: the look for deaths, and where the first telling failed one more.
        _cluster.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(
            async () =>
            {
                _cluster.Time.Advance(TimeSpan.FromMilliseconds(10));
                return (await index.Find("default", "left")) is { Online: false };
            },
            "the index to be told");
        await Eventually.TrueAsync(async () => (await agent.Route()).Targets.Count == 0, "the agent's grain to be told");
        Assert.Equal(0, _cluster.Log.Count(EventIds.FrontDoorLapsed));
        Assert.InRange(_cluster.Log.Count(EventIds.FrontDoorBuried), 1, 2);
    }

    private async Task<FakeFrontDoor> DoorAsync(InProcessSiloHandle silo)
    {
        // Beside the silo that stays: what is asked is what the registry says of the other, not whether an object of this test can be reached.
        var door = new FakeFrontDoor(_cluster.Grains);
        door.Number = (await _cluster.Registry.Lease(door.Lease with { Silo = silo.SiloAddress }).DefaultTimeout()).Number;
        return door;
    }

    private AgentReport ReportOf(FakeFrontDoor door, long connectNumber) => new()
    {
        Tenant = "default",
        AgentId = "left",
        Online = true,
        ConnectNumber = connectNumber,
        Session = 7,
        FrontDoor = door.Number,
        LastSeen = _cluster.Time.GetUtcNow(),
        Labels = new Dictionary<string, string>(),
        SoftwareVersion = "",
    };

    private static IGrainFactory GrainsOf(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<IGrainFactory>();
}

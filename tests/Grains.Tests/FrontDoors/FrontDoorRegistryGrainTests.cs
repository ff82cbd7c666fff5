using Switchboard.Abstractions;
using Switchboard.Abstractions.Presence;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.FrontDoors;

public sealed class FrontDoorRegistryGrainTests
{
    /// <summary>I2, T1: a registry that loses its activation again and again gives no number out twice.</summary>
    [Fact]
    public async Task Numbers_are_unique_over_lost_activations()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var numbers = new List<ushort>();
        for (var i = 0; i < 60; i++)
        {
            numbers.Add((await cluster.DoorAsync()).Number);
            if (i % 3 == 0)
            {
                await GrainCluster.LoseAsync(cluster.Registry);
            }
        }

        Assert.Equal(60, numbers.Distinct().Count());
        Assert.DoesNotContain((ushort)0, numbers);
        Assert.Equal(60, (await cluster.Registry.List().DefaultTimeout()).Count);
    }

    /// <summary>
    /// A lease of 20 s: renewed it stays; not renewed it is gone from every answer. All renewals of 5 s are one write.
    /// </summary>
    [Fact]
    public async Task Leases_lapse_and_renewals_are_written_together()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var (stays, goes) = (await cluster.DoorAsync(), await cluster.DoorAsync());
        var writes = cluster.Storage.Writes;
        for (var second = 0; second < 19; second++)
        {
            cluster.Time.Advance(TimeSpan.FromSeconds(1));
            await cluster.RenewAsync(stays);
        }

        Assert.NotNull(await cluster.Registry.Find(goes.Number).DefaultTimeout());
        cluster.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await cluster.Registry.Find(goes.Number).DefaultTimeout());
        Assert.Equal(stays.Holder, Assert.Single(await cluster.Registry.List().DefaultTimeout()).Holder);
        Assert.Equal(stays.Reference, (await cluster.Registry.Find(stays.Number).DefaultTimeout())!.Observers[0]);
        Assert.InRange(cluster.Storage.Writes - writes, 1, 4);
        Assert.Equal(1, cluster.Log.Count(EventIds.FrontDoorLapsed));
    }

    /// <summary>A renewal is told how many sessions there are in all, and for how long nobody has come or gone.</summary>
    [Fact]
    public async Task Every_renewal_is_told_of_the_others_sessions()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var (one, other) = (await cluster.DoorAsync(), await cluster.DoorAsync());
        await cluster.Registry.Lease(one.Lease with { Sessions = 30 }).DefaultTimeout();
        cluster.Time.Advance(TimeSpan.FromSeconds(7));
        var leased = await cluster.Registry.Lease(other.Lease with { Sessions = 12 }).DefaultTimeout();
        Assert.Equal((42L, 2, TimeSpan.FromSeconds(7)), (leased.Sessions, leased.FrontDoors, leased.Unchanged));
        await cluster.Registry.Release(one.Number, one.Holder).DefaultTimeout();
        leased = await cluster.Registry.Lease(other.Lease with { Sessions = 13 }).DefaultTimeout();
        Assert.Equal((13L, 1, TimeSpan.Zero), (leased.Sessions, leased.FrontDoors, leased.Unchanged));
    }

    /// <summary>The number of a live holder is refused: 0, and a log line.</summary>
    [Fact]
    public async Task A_held_number_is_refused()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var door = await cluster.DoorAsync();
        var refused = await cluster.Registry.Lease(door.Lease with { Holder = Guid.NewGuid() }).DefaultTimeout();
        Assert.Equal(0, refused.Number);
        await cluster.Registry.Release(door.Number, Guid.NewGuid()).DefaultTimeout();
        Assert.NotNull(await cluster.Registry.Find(door.Number).DefaultTimeout());
        await cluster.Registry.Release(door.Number, door.Holder).DefaultTimeout();
        Assert.Null(await cluster.Registry.Find(door.Number).DefaultTimeout());
        Assert.Equal(1, cluster.Log.Count(EventIds.FrontDoorRefused));
    }

    /// <summary>S4: the index hears of a front door whose lease has lapsed, and its agents are offline, at their grains too.</summary>
    [Fact]
    public async Task Agents_of_a_front_door_that_is_gone_are_offline()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var (stays, goes) = (await cluster.DoorAsync(), await cluster.DoorAsync());
        var index = cluster.Grains.GetGrain<IAgentIndexGrain>(IAgentIndexGrain.FirstShard);
        var agent = cluster.Agent("left");
        var number = await goes.ConnectAsync(agent, 7);
        await index.Report(new AgentReport
        {
            Tenant = "default",
            AgentId = "left",
            Online = true,
            ConnectNumber = number,
            Session = 7,
            FrontDoor = goes.Number,
            LastSeen = cluster.Time.GetUtcNow(),
            Labels = new Dictionary<string, string>(),
            SoftwareVersion = "",
        });
        for (var second = 0; second < 25; second++)
        {
            cluster.Time.Advance(TimeSpan.FromSeconds(1));
            await cluster.RenewAsync(stays);
        }

        await Eventually.TrueAsync(async () => (await index.Find("default", "left")) is { Online: false }, "the index to be told");
        await Eventually.TrueAsync(async () => (await agent.Route()).Targets.Count == 0, "the agent's grain to be told");
    }

    /// <summary>A write that fails takes back that lease alone. Renewals need none, and go on.</summary>
    [Fact]
    public async Task The_storage_may_be_away_while_leases_are_renewed()
    {
        await using var cluster = await GrainCluster.StartAsync();
        cluster.ErrorsExpected = true;
        var door = await cluster.DoorAsync();
        cluster.Storage.Fails = state => state == Names.Storage.FrontDoors;
        await Assert.ThrowsAnyAsync<Exception>(() => cluster.RenewAsync(new FakeFrontDoor(cluster.Grains)));
        var before = door.Number;
        await cluster.RenewAsync(door);
        Assert.Equal(before, door.Number);
        Assert.Equal(door.Holder, Assert.Single(await cluster.Registry.List().DefaultTimeout()).Holder);
    }

    /// <summary>While renewals are written to a storage that hangs, leases are renewed all the same; a new one waits its turn, and is given.</summary>
    [Fact]
    public async Task A_storage_that_hangs_holds_up_no_renewal()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var door = await cluster.DoorAsync();
        var hangs = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Storage.Gate = hangs.Task;
        var writes = cluster.Storage.Writes;
        await cluster.RenewAsync(door);
        await Eventually.TrueAsync(
            () =>
            {
                cluster.Time.Advance(TimeSpan.FromSeconds(1));
                return cluster.Storage.Writes > writes;
            },
            "the renewals to be written");
        await cluster.RenewAsync(door);
        Assert.Single(await cluster.Registry.List().DefaultTimeout());
        var joins = cluster.DoorAsync();
        hangs.SetResult();
        Assert.NotEqual(door.Number, (await joins).Number);
        await cluster.RenewAsync(door);
        Assert.Equal(2, (await cluster.Registry.List().DefaultTimeout()).Count);
    }

    /// <summary>
    /// The process stood still: no timer ran and nobody could renew. The first look afterwards must not take everybody for gone, as another
    /// registry may long have served them.
    /// </summary>
    [Fact]
    public async Task A_registry_that_stood_still_lets_nobody_lapse_for_that()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var door = await cluster.DoorAsync();
        cluster.Time.Advance(TimeSpan.FromSeconds(60));
        var number = door.Number;
        Assert.Equal(door.Holder, Assert.Single(await cluster.Registry.List().DefaultTimeout()).Holder);
        await cluster.RenewAsync(door);
        Assert.Equal(number, door.Number);
    }

    /// <summary>A number that could not be written down is not given out, and is forgotten.</summary>
    [Fact]
    public async Task What_is_not_written_is_not_told()
    {
        await using var cluster = await GrainCluster.StartAsync();
        cluster.ErrorsExpected = true;
        cluster.Storage.Fails = state => state == Names.Storage.FrontDoors;
        var door = new FakeFrontDoor(cluster.Grains);
        await Assert.ThrowsAnyAsync<Exception>(() => cluster.RenewAsync(door));
        cluster.Storage.Fails = _ => false;
        Assert.Empty(await cluster.Registry.List().DefaultTimeout());
        await cluster.RenewAsync(door);
        Assert.NotEqual(0, door.Number);
    }
}

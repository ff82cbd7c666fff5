using Switchboard.Abstractions;
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
                await GrainCluster.LoseAsync(cluster.Registry);
        }

        Assert.Equal(60, numbers.Distinct().Count());
        Assert.DoesNotContain((ushort)0, numbers);
        Assert.Equal(60, (await cluster.Registry.List().DefaultTimeout()).Count);
    }

    /// <summary>A lease of 20 s: renewed it stays, with no write; not renewed it is gone from every answer.</summary>
    [Fact]
    public async Task Leases_lapse_and_renewals_write_nothing()
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
        Assert.Equal(stays.Reference, (await cluster.Registry.Find(stays.Number).DefaultTimeout())!.Lanes[0]);
        Assert.Equal(writes, cluster.Storage.Writes);
        Assert.Equal(1, cluster.Log.Count(EventIds.FrontDoorLapsed));
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

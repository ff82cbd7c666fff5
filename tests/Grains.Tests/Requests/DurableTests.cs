using Switchboard.Abstractions;
using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Requests;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.Requests;

/// <summary>What grains do for durable requests: their exact end, who is told of it, and what a dead front door has left.</summary>
public sealed class DurableTests : IAsyncLifetime
{
    private const string Agent = "default/worker";

    private GrainCluster _cluster = null!;
    private ulong _lastId = 1000;

    private IRequestLog Kept => _cluster.Requests;

    private IDurableSweeperGrain Sweeper => _cluster.Grains.GetGrain<IDurableSweeperGrain>(IDurableSweeperGrain.Key);

    public async Task InitializeAsync() => _cluster = await GrainCluster.StartAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    /// <summary>It ends when its time is over, not before, and the front door that has it is told.</summary>
    [Fact]
    public async Task It_expires_on_time()
    {
        // Less than a lease lasts: a front door that does not renew its number is told nothing.
        var door = await _cluster.DoorAsync();
        var id = await AcceptAsync(TimeSpan.FromSeconds(10));
        await ClaimAsync(id, door.Number);
        await Grain(id).Keep(TimeSpan.FromSeconds(10), survive: false).DefaultTimeout();
        _cluster.Time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Null((await DescribeAsync(id)).Verdict);

        _cluster.Time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(id, await door.Cancelled.ReadAsync().AsTask().DefaultTimeout());
        var ended = await DescribeAsync(id);
        Assert.Equal((Verdict.Expired, true), (ended.Verdict!.Value, ended.Sent));
    }

    /// <summary>A reminder ends it where the activation is lost, and is gone with it.</summary>
    [Fact]
    public async Task It_expires_by_its_reminder()
    {
        var id = await AcceptAsync(TimeSpan.FromMinutes(3));
        await Grain(id).Keep(TimeSpan.FromMinutes(3), survive: true).DefaultTimeout();
        await GrainCluster.LoseAsync(Grain(id));
        await AdvanceUntilAsync(async () => (await Kept.FindAsync(id, default))!.State == LoggedState.Ended);
        await Eventually.TrueAsync(async () => await _cluster.ActivationsAsync(Names.GrainTypes.Request) == 0, "no activation to be left");
    }

    /// <summary>R7: who waits for the end is told of it, once, and nobody's call lasts that long. However many ask, few are kept.</summary>
    [Fact]
    public async Task Who_asked_to_is_told_of_the_end()
    {
        var door = await _cluster.DoorAsync();
        var id = await AcceptAsync(TimeSpan.FromHours(1));
        for (var i = 0; i < 20; i++)
        {
            Assert.Null((await Grain(id).Watch(door.Reference).DefaultTimeout())!.Verdict);
        }

        Assert.Equal(CancelResult.Cancelled, await Grain(id).Cancel().DefaultTimeout());
        for (var told = 0; told < 8; told++)
        {
            Assert.Equal(id, await door.RequestsEnded.ReadAsync().AsTask().DefaultTimeout());
        }

        Assert.Equal(Verdict.CallerCancelled, (await Grain(id).Watch(door.Reference).DefaultTimeout())!.Verdict);
        await Grain(id).Ended().DefaultTimeout();
        Assert.Null(await Grain(4711).Watch(door.Reference).DefaultTimeout());
        Assert.False(door.RequestsEnded.TryRead(out _));
    }

    /// <summary>Cancelled once: the front door that has it is told, and a second cancel says that it had ended.</summary>
    [Fact]
    public async Task It_is_cancelled_where_it_is()
    {
        var (door, other) = (await _cluster.DoorAsync(), await _cluster.DoorAsync());
        var id = await AcceptAsync(TimeSpan.FromHours(1));
        await ClaimAsync(id, other.Number);
        Assert.Equal(CancelResult.Cancelled, await Grain(id).Cancel().DefaultTimeout());
        Assert.Equal(id, await other.Cancelled.ReadAsync().AsTask().DefaultTimeout());
        Assert.Equal(CancelResult.AlreadyEnded, await Grain(id).Cancel().DefaultTimeout());
        Assert.False(door.Cancelled.TryRead(out _));
    }

    /// <summary>What a front door had that is gone is queued again, and its agent's front door is told; what others have is not.</summary>
    [Fact]
    public async Task Attempts_of_a_dead_front_door_are_given_up()
    {
        var (door, dead) = (await _cluster.DoorAsync(), await _cluster.DoorAsync());
        await door.ConnectAsync(_cluster.Agent("worker"), 7);
        var (lost, kept) = (await AcceptAsync(TimeSpan.FromHours(1)), await AcceptAsync(TimeSpan.FromHours(1)));
        await ClaimAsync(lost, dead.Number);
        await ClaimAsync(kept, door.Number);
        await _cluster.Registry.Release(dead.Number, dead.Holder).DefaultTimeout();
        await Sweeper.Sweep().DefaultTimeout();
        await AdvanceUntilAsync(async () => (await Kept.FindAsync(lost, default))!.State == LoggedState.Queued);
        Assert.Equal(Agent, await door.AskedToDeliver.ReadAsync().AsTask().DefaultTimeout());
        Assert.Equal(LoggedState.Claimed, (await Kept.FindAsync(kept, default))!.State);
    }

    /// <summary>The sweep ends what nobody looks after, forgets what was kept long enough, and has grains end in time what is due soon.</summary>
    [Fact]
    public async Task The_sweeper_takes_care_of_the_rest()
    {
        var soon = await AcceptAsync(TimeSpan.FromSeconds(100));
        await Sweeper.Start().DefaultTimeout();
        await AdvanceUntilAsync(async () => await _cluster.ActivationsAsync(Names.GrainTypes.Request) == 1);
        await AdvanceUntilAsync(async () => (await Kept.FindAsync(soon, default))?.State == LoggedState.Ended);
        await AdvanceUntilAsync(async () => await Kept.FindAsync(soon, default) is null, step: TimeSpan.FromMinutes(10));
        Assert.Equal(default, Kept.Counts);
    }

    private async Task<ulong> AcceptAsync(TimeSpan timeToLive)
    {
        var id = ++_lastId;
        var request = LoggedRequests.New(id) with { TimeToLive = timeToLive };
        Assert.Equal(AcceptResult.Accepted, (await Kept.AcceptAsync(request, default)).Result);
        return id;
    }

    private async Task ClaimAsync(ulong id, ushort frontDoor) => Assert.True(Assert.Single(await Kept.ClaimAsync([new(id, 1, 7, frontDoor)], default)));

    private async Task<RequestReport> DescribeAsync(ulong id)
    {
        var report = await Grain(id).Describe().DefaultTimeout();
        Assert.NotNull(report);
        return report;
    }

    // Grain timers and reminders fire in turns of their own: the clock is turned until they have.
    private async Task AdvanceUntilAsync(Func<Task<bool>> condition, TimeSpan? step = null)
    {
        await Eventually.TrueAsync(
            async () =>
            {
                if (await condition())
                {
                    return true;
                }

                _cluster.Time.Advance(step ?? TimeSpan.FromSeconds(1));
                return false;
            },
            "the sweep");
    }

    private IRequestGrain Grain(ulong id) => _cluster.Grains.GetGrain<IRequestGrain>(new RequestId(id).ToString());
}

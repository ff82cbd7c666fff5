using Switchboard.Abstractions;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.Requests;

/// <summary>Looking up a request that lives elsewhere, or nowhere.</summary>
public sealed class LookupTests : IAsyncLifetime
{
    private GrainCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await GrainCluster.StartAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    /// <summary>R5: whatever is asked about an id that does not exist, durable or live, it leaves no activation behind.</summary>
    [Fact]
    public async Task An_unknown_id_leaves_no_activation()
    {
        // Each question to ids of its own: another question would let go of what this one left.
        var suffix = 1UL;
        foreach (var frontDoor in new ushort[] { 0, 12345, (await _cluster.DoorAsync()).Number })
        {
            Assert.Null(await Next().Describe().DefaultTimeout());
            await Next().Ended().DefaultTimeout();
            Assert.Equal(CancelResult.NotFound, await Next().Cancel().DefaultTimeout());

            IRequestGrain Next() => Grain(Id(frontDoor, suffix++));
        }

        await Eventually.TrueAsync(async () => await _cluster.ActivationsAsync(Names.GrainTypes.Request) == 0, "no activation to be left");
        Assert.Equal(9, _cluster.Log.Count(EventIds.RequestDeactivated));
    }

    /// <summary>
    /// A live request is asked of the front door that its id names, on the observer that its id chooses; no activation stays.
    /// </summary>
    [Fact]
    public async Task A_live_request_is_asked_of_its_front_door()
    {
        var observers = new[] { new FakeFrontDoor(_cluster.Grains), new FakeFrontDoor(_cluster.Grains) };
        var references = observers.Select(l => l.Reference).ToArray();
        var lease = new FrontDoorLease { Number = 0, Holder = Guid.NewGuid(), Observers = references, Name = "two lanes" };
        var number = (await _cluster.Registry.Lease(lease).DefaultTimeout()).Number;
        for (var observer = 0; observer < 2; observer++)
        {
            var id = Id(number, 100 + (ulong)observer);
            var (open, mine) = (true, observers[(int)(id % 2)]);
            mine.OnDescribe = asked => asked == id ? Report(id, open ? RequestState.Sent : RequestState.Ended) : null;
            mine.OnCancel = asked => asked == id && open;
            Assert.Equal(RequestState.Sent, (await Grain(id).Describe().DefaultTimeout())!.State);
            Assert.Equal(CancelResult.Cancelled, await Grain(id).Cancel().DefaultTimeout());
            open = false;
            Assert.Equal(CancelResult.AlreadyEnded, await Grain(id).Cancel().DefaultTimeout());
            Assert.Equal(CancelResult.NotFound, await Grain(id + 2).Cancel().DefaultTimeout());
        }

        await Eventually.TrueAsync(async () => await _cluster.ActivationsAsync(Names.GrainTypes.Request) == 0, "no activation to be left");
    }

    /// <summary>R5: parallel questions about one id all get a reply.</summary>
    [Fact]
    public async Task Many_at_once_who_ask_for_one_id_all_get_a_reply()
    {
        var live = Id((await _cluster.DoorAsync()).Number, 77);
        foreach (var id in new[] { live, Id(0, 77) })
        {
            var grain = Grain(id);
            Assert.All(await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => grain.Describe())).DefaultTimeout(), Assert.Null);
            var cancelled = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => grain.Cancel())).DefaultTimeout();
            Assert.All(cancelled, result => Assert.Equal(CancelResult.NotFound, result));
        }
    }

    /// <summary>W7: the address of a live request takes no durable one.</summary>
    [Fact]
    public async Task A_live_id_is_not_accepted()
    {
        var id = Id(9, 1);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Grain(id).Keep(TimeSpan.FromHours(1), survive: false)).DefaultTimeout();
    }

    private IRequestGrain Grain(ulong id) => _cluster.Grains.GetGrain<IRequestGrain>(new RequestId(id).ToString());

    private static ulong Id(ushort frontDoor, ulong suffix) => ((ulong)frontDoor << RequestId.SuffixBits) | suffix;

    private static RequestReport Report(ulong id, RequestState state) => new()
    {
        RequestId = id,
        AgentKey = "default/worker",
        State = state,
        Sent = true,
        AcceptedAt = DateTimeOffset.UnixEpoch,
        Deadline = DateTimeOffset.UnixEpoch,
    };
}

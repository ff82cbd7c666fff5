using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Requests;
using Switchboard.Core.Requests;

namespace Switchboard.Grains.Requests;

/// <summary>A live request lives at the front door whose number its id begins with; here it is only asked for.</summary>
internal sealed partial class RequestGrain
{
    private async Task<RequestReport?> DescribeLiveAsync()
    {
        var until = _clock.Now + _turn;
        return await FindAsync(until) is { } lane ? await DescribeAsync(lane, until) : null;
    }

    private async Task<CancelResult> CancelLiveAsync()
    {
        var until = _clock.Now + _turn;
        if (await FindAsync(until) is not { } lane)
            return CancelResult.NotFound;
        try
        {
            if (await _clock.Bound(lane.CancelRequest(_id.Value), Left(until)))
                return CancelResult.Cancelled;
        }
        catch (ClientNotAvailableException)
        {
            return CancelResult.NotFound;
        }

        // Not open there: it has ended, or is none of its own.
        return await DescribeAsync(lane, until) is { State: RequestState.Ended } ? CancelResult.AlreadyEnded : CancelResult.NotFound;
    }

    // A number without a holder: nobody can know the request, which is said at once.
    private async Task<IFrontDoorLane?> FindAsync(TimeSpan until)
    {
        var registry = GrainFactory.GetGrain<IFrontDoorRegistryGrain>(IFrontDoorRegistryGrain.Key);
        return await _clock.Bound(registry.Find(_id.FrontDoor), Left(until)) is { } frontDoor ? Lanes.Of(frontDoor, _id.Value) : null;
    }

    private async Task<RequestReport?> DescribeAsync(IFrontDoorLane lane, TimeSpan until)
    {
        try
        {
            return await _clock.Bound(lane.Describe(_id.Value), Left(until));
        }
        catch (ClientNotAvailableException)
        {
            // It died within its lease.
            return null;
        }
    }
}

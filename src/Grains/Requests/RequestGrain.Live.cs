using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Requests;
using Switchboard.Core.Requests;

namespace Switchboard.Grains.Requests;

/// <summary>Looks up a live request, which lives at the front door whose number its id begins with.</summary>
internal sealed partial class RequestGrain
{
    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(4);

    private async Task<RequestReport?> DescribeLiveAsync()
    {
        var until = _clock.Now + _turn;
        return await FindAsync(until) is { } observer ? await DescribeAsync(observer, until) : null;
    }

    private async Task<CancelResult> CancelLiveAsync()
    {
        var until = _clock.Now + _turn;
        if (await FindAsync(until) is not { } observer)
        {
            return CancelResult.NotFound;
        }

        try
        {
            if (await _clock.Bound(observer.CancelRequest(_id.Value), Left(until)))
            {
                return CancelResult.Cancelled;
            }
        }
        catch (ClientNotAvailableException)
        {
            return CancelResult.NotFound;
        }

        // Not open there: it has ended, or is unknown.
        return await DescribeAsync(observer, until) is { State: RequestState.Ended } ? CancelResult.AlreadyEnded : CancelResult.NotFound;
    }

    // A number without a holder: the request is unknown everywhere, which is returned at once.
    private async Task<IFrontDoorObserver?> FindAsync(TimeSpan until)
    {
        var registry = GrainFactory.GetGrain<IFrontDoorRegistryGrain>(IFrontDoorRegistryGrain.Key);
        return await _clock.Bound(registry.Find(_id.FrontDoor), Left(until)) is { } frontDoor ? Observers.Of(frontDoor, _id.Value) : null;
    }

    private async Task<RequestReport?> DescribeAsync(IFrontDoorObserver observer, TimeSpan until)
    {
        try
        {
            return await _clock.Bound(observer.Describe(_id.Value), Left(until));
        }
        catch (ClientNotAvailableException)
        {
            // The front door died within its lease.
            return null;
        }
    }

    private TimeSpan Left(TimeSpan until)
    {
        var left = until - _clock.Now;
        return left < _options.ObserverCallTimeout ? left : _options.ObserverCallTimeout;
    }
}

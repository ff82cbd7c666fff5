using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Requests;
using Switchboard.Core.Requests;

namespace Switchboard.Grains.Requests;

/// <summary>
/// Notifies of the end: front doors whose callers wait some time for the response. In memory only: one that is not notified, because the
/// activation was lost, looks once more when its caller's time has passed.
/// </summary>
internal sealed partial class RequestGrain
{
    /// <summary>
    /// The maximum number of watchers: one caller waits while its request is accepted; a few more may fetch the response.
    /// </summary>
    private const int MostWatchers = 8;

    private List<IFrontDoorObserver>? _watchers;

    public Task<RequestReport?> Watch(IFrontDoorObserver observer)
    {
        if (_life is null)
        {
            return Task.FromResult<RequestReport?>(null);
        }
        // In one turn with the check of the state: the end comes either before it, and is in the report, or after it, and is notified.
        if (_life.Phase != DurablePhase.Ended && (_watchers ??= []).Count < MostWatchers)
        {
            _watchers.Add(observer);
        }

        return Task.FromResult(state.State.Report);
    }

    private void NotifyWatchers()
    {
        foreach (var observer in _watchers ?? [])
        {
            _ = NotifyEndedAsync(observer);
        }

        _watchers = null;
    }

    // Not awaited: no turn waits for another process.
    private async Task NotifyEndedAsync(IFrontDoorObserver observer)
    {
        try
        {
            await _clock.Bound(observer.RequestEnded(_id.Value), _options.ObserverCallTimeout);
        }
        catch (Exception e)
        {
            Log.ObserverCallFailed(_logger, e, _id);
        }
    }
}

using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Requests;

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

    /// <summary>As long as a caller waits at most.</summary>
    private static readonly TimeSpan _longestWatch = TimeSpan.FromMinutes(10);

    private List<IFrontDoorObserver>? _watchers;

    public async Task<RequestReport?> Watch(IFrontDoorObserver observer)
    {
        var request = _id.IsDurable ? await log.FindAsync(_id.Value, CancellationToken.None) : null;
        // One turn with the look: whoever ends the request calls Ended, which comes after this turn. An end before it is in the report.
        if (request is { Verdict: null } && (_watchers ??= []).Count < MostWatchers)
        {
            _watchers.Add(observer);
            DelayDeactivation(_longestWatch);
        }

        return request?.ToReport();
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

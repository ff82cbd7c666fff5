using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Requests;
using Switchboard.Core.Requests;

namespace Switchboard.Grains.Requests;

/// <summary>
/// Who wants to be told of the end: front doors whose callers wait a while for the answer. In memory only: one that is not told, because
/// the activation was lost, looks once more when its caller's time is over.
/// </summary>
internal sealed partial class RequestGrain
{
    /// <summary>One caller waits while its request is accepted; a few more may come to.</summary>
    private const int MostWatchers = 8;

    private List<IFrontDoorLane>? _watchers;

    public Task<RequestReport?> Watch(IFrontDoorLane lane)
    {
        if (_life is null)
            return Task.FromResult<RequestReport?>(null);
        // In one turn with the look at the state: the end comes either before it, and is in the report, or after it, and is told.
        if (_life.Phase != DurablePhase.Ended && (_watchers ??= []).Count < MostWatchers)
            _watchers.Add(lane);
        return Task.FromResult(state.State.Report);
    }

    private void TellWatchers()
    {
        foreach (var lane in _watchers ?? [])
            _ = TellEndedAsync(lane);
        _watchers = null;
    }

    // Not awaited: no turn waits for another process.
    private async Task TellEndedAsync(IFrontDoorLane lane)
    {
        try
        {
            await _clock.Bound(lane.RequestEnded(_id.Value), _options.LaneCallTimeout);
        }
        catch (Exception e)
        {
            LogLaneUntold(e, _id);
        }
    }
}

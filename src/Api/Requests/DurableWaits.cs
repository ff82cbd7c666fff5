using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Requests;
using Switchboard.Api.Admission;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Hosting;
using Switchboard.Api.Telemetry;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Requests;

/// <summary>
/// Callers of durable requests that wait a while for the answer (<c>respond-async, wait=n</c>): here, and told of the end by the request's
/// grain through a lane, because no grain call lasts that long (R7). Whoever finds no place, or is not told, waits less or looks at the
/// end of its time: its request is kept either way.
/// </summary>
internal sealed partial class DurableWaits
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(5);

    private readonly PendingReplies<TaskCompletionSource> _waiting;
    private readonly IGrainFactory _grains;
    private readonly IFrontDoor _frontDoor;
    private readonly GatewayClock _clock;
    private readonly Drain _drain;
    private readonly ILogger<DurableWaits> _logger;

    public DurableWaits(
        IGrainFactory grains, IFrontDoor frontDoor, GatewayClock clock, Drain drain, SwitchboardMeter meter,
        IOptions<AdmissionOptions> options, ILogger<DurableWaits> logger)
    {
        (_grains, _frontDoor, _clock, _drain, _logger) = (grains, frontDoor, clock, drain, logger);
        _waiting = new(options.Value.MaxWaiting);
        meter.ObserveWaiting(() => _waiting.Count);
    }

    /// <summary>How many wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>Waits for the end of a request.</summary>
    /// <param name="id">A durable request.</param>
    /// <param name="until">No longer than this. A stop of the gateway ends the wait too.</param>
    /// <param name="callerGone">Ends the wait.</param>
    /// <returns>Null: it has not ended, or nobody could say.</returns>
    public async Task<RequestReport?> WaitAsync(RequestId id, TimeSpan until, CancellationToken callerGone)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (until <= _clock.Now || _waiting.Register(id.Value, told) != RegisterOutcome.Registered)
            return null;
        try
        {
            // Registered before the grain is asked to tell: its word may come before the answer to the question does.
            RequestReport? report = await AskAsync(id, until, static (grain, lane) => grain.Watch(lane), callerGone);
            if (report is not { Verdict: null })
                return report;
            await WhenToldAsync(told.Task, until, callerGone);
            report = await AskAsync(id, _clock.Now + CallLimit, static (grain, _) => grain.Describe(), callerGone);
            return report is { Verdict: not null } ? report : null;
        }
        catch (Exception e) when (!callerGone.IsCancellationRequested)
        {
            // The request is kept all the same, and that is what its caller is told.
            Log.WaitFailed(_logger, id, e);
            return null;
        }
        finally
        {
            _waiting.GiveUp(id.Value, told);
        }
    }

    /// <summary>A request's grain says that it has ended. Who waits no longer is not found.</summary>
    public void Ended(ulong id)
    {
        if (_waiting.TryTrigger(id, out TaskCompletionSource? told))
            told.TrySetResult();
    }

    private async Task WhenToldAsync(Task told, TimeSpan until, CancellationToken callerGone)
    {
        TimeSpan left = until - _clock.Now;
        if (left <= TimeSpan.Zero)
            return;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(callerGone, _drain.Begun);
        try
        {
            await told.WaitAsync(left, _clock.Time, over.Token);
        }
        catch (Exception e) when (e is TimeoutException || (e is OperationCanceledException && !callerGone.IsCancellationRequested))
        {
            // Its time is over, or the gateway stops.
        }
    }

    private Task<RequestReport?> AskAsync(
        RequestId id, TimeSpan until, Func<IRequestGrain, Abstractions.FrontDoors.IFrontDoorLane, Task<RequestReport?>> ask, CancellationToken callerGone)
    {
        TimeSpan left = until - _clock.Now;
        TimeSpan limit = left < CallLimit ? left : CallLimit;
        return ask(_grains.GetGrain<IRequestGrain>(id.ToString()), _frontDoor.Lane(id.Value))
            .WaitAsync(limit > TimeSpan.Zero ? limit : TimeSpan.Zero, _clock.Time, callerGone);
    }
}

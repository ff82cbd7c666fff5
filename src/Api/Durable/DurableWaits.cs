using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Admission;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Telemetry;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Durable;

/// <summary>
/// Holds the callers of durable requests that wait some time for the response (<c>respond-async, wait=n</c>). They wait here, and the
/// request's grain notifies them of the end through an observer, because no grain call lasts that long (R7). A caller that finds no room,
/// or is not notified, waits less or looks at the end of its time: its request is kept in any case.
/// </summary>
internal sealed partial class DurableWaits
{
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

    /// <summary>The number of waiting callers.</summary>
    public int Count => _waiting.Count;

    /// <summary>Waits for the end of a request.</summary>
    /// <param name="id">A durable request.</param>
    /// <param name="until">The end of the wait. A stop of the gateway ends it too.</param>
    /// <param name="callerGone">Ends the wait.</param>
    /// <returns>The report; null: it has not ended, or its state is unknown.</returns>
    public async Task<RequestReport?> WaitAsync(RequestId id, TimeSpan until, CancellationToken callerGone)
    {
        var left = until - _clock.Now;
        if (left <= TimeSpan.Zero)
        {
            return null;
        }

        // It counts from before the wait is seen: whoever sees it wait may count on its end.
        using var passed = new CancellationTokenSource(left, _clock.Time);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_waiting.Register(id.Value, told) != RegisterOutcome.Registered)
        {
            return null;
        }

        try
        {
            // Registered before the grain is asked for a notification, which may come before the reply does.
            var report = await AskAsync(id, until, static (grain, observer) => grain.Watch(observer), callerGone);
            if (report is not { Verdict: null })
            {
                return report;
            }

            await WaitForEndAsync(told.Task, passed.Token, callerGone);
            report = await AskAsync(id, _clock.Now + GrainCalls.Limit, static (grain, _) => grain.Describe(), callerGone);
            return report is { Verdict: not null } ? report : null;
        }
        catch (Exception e) when (!callerGone.IsCancellationRequested)
        {
            // The request is kept all the same, which is what its caller is told.
            Log.WaitFailed(_logger, id, e);
            return null;
        }
        finally
        {
            _waiting.GiveUp(id.Value, told);
        }
    }

    /// <summary>Notifies the waiting caller that its request has ended.</summary>
    /// <returns>False: nobody waits here, or not any more.</returns>
    public bool Ended(ulong id) => _waiting.TryTrigger(id, out var told) && told.TrySetResult();

    private async Task WaitForEndAsync(Task told, CancellationToken passed, CancellationToken callerGone)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(callerGone, _drain.Begun, passed);
        try
        {
            await told.WaitAsync(over.Token);
        }
        catch (OperationCanceledException) when (!callerGone.IsCancellationRequested)
        {
            // The time is over, or the gateway stops.
        }
    }

    private Task<RequestReport?> AskAsync(
        RequestId id, TimeSpan until, Func<IRequestGrain, Abstractions.FrontDoors.IFrontDoorObserver, Task<RequestReport?>> ask, CancellationToken callerGone)
    {
        var left = until - _clock.Now;
        var limit = left < GrainCalls.Limit ? left : GrainCalls.Limit;
        return ask(_grains.GetGrain<IRequestGrain>(id.ToString()), _frontDoor.Observer(id.Value))
            .BoundAsync(_clock.Time, limit > TimeSpan.Zero ? limit : TimeSpan.Zero, callerGone);
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventIds.DurableUnwatched, LogLevel.Warning,
            "The caller of durable request {RequestId} is told that it is kept: its grain did not say how it stands.")]
        public static partial void WaitFailed(ILogger logger, RequestId requestId, Exception exception);
    }
}

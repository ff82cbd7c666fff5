using Orleans.Storage;
using Switchboard.Abstractions;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Requests;
using Switchboard.Core.Requests;

namespace Switchboard.Grains.Requests;

/// <summary>
/// Runs the life of a durable request. A grain timer wakes it at exact times; a reminder survives the loss of the activation, and wakes it
/// at most a minute later. State is persisted before it is reported.
/// </summary>
internal sealed partial class RequestGrain
{
    /// <summary>Orleans' shortest period for reminders.</summary>
    private static readonly TimeSpan _survivorPeriod = TimeSpan.FromMinutes(1);

    /// <summary>The period of the reminder whose only purpose is to remove an ended request.</summary>
    private static readonly TimeSpan _forgetterPeriod = TimeSpan.FromHours(1);

    /// <summary>The maximum of a grain timer: timers are limited to 49 days, and waking too early does no harm.</summary>
    private static readonly TimeSpan _longestTimer = TimeSpan.FromDays(1);

    // Null: no durable request is kept under this id.
    private DurableLifecycle? _life;
    private IGrainTimer? _timer;

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (_life is null)
        {
            // It was removed, or never kept, and its reminder could not be removed then.
            await ForgetReminderAsync();
            DeactivateOnIdle();
            return;
        }

        await WakeAsync(CancellationToken.None);
    }

    private DurableTimings Timings => new() { FirstMessage = _options.DurableFirstMessage };

    private void Restore()
    {
        if (state.State.Report is not { } report)
        {
            return;
        }

        _life = report.Verdict is { } verdict
            ? DurableLifecycle.AlreadyEnded(verdict, report.Attempt)
            : new DurableLifecycle(Timings, _clock.Of(state.State.ExpiresAt), report.Attempt, state.State.Observer is not null, _clock.Now);
        // It counts for as long as it is active: it stays until it is removed. Without a time limit, because one would be measured by the
        // wall clock.
        DelayDeactivation(TimeSpan.MaxValue);
        Recount();
        Arm();
    }

    private async Task KeepAsync(RequestEnvelope envelope, RequestReport report, TimeSpan timeToLive)
    {
        // The reminder first: one without a request removes itself, a request without one could be lost.
        await this.RegisterOrUpdateReminder(Names.Reminders.Request, _survivorPeriod, _survivorPeriod);
        state.State.Payload = envelope.Payload.ToArray();
        state.State.ExpiresAt = _clock.UtcNow + timeToLive;
        state.State.Report = report with
        {
            RequestId = _id.Value,
            AgentKey = envelope.AgentKey,
            State = RequestState.Accepted,
            Verdict = null,
            Sent = false,
            Attempt = 0,
            Deadline = state.State.ExpiresAt,
            Accepted202 = true,
        };
        await WriteAsync();
        Log.Accepted(_logger, _id, timeToLive);
        Restore();
    }

    // Whatever throws here is tried again: by the timer after a while, by the reminder if the activation does not live that long.
    private async Task WakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_life!.Phase == DurablePhase.Ended)
            {
                await ForgetWhenDueAsync();
                return;
            }

            switch (_life.Next(_clock.Now))
            {
                case DurableStep.Deliver:
                    await DeliverAsync();
                    break;
                case DurableStep.Inquire:
                    await InquireAsync();
                    break;
                case DurableStep.Expired:
                    await ExpireAsync();
                    break;
                default:
                    break;
            }

            Arm();
        }
        catch (Exception e) when (e is not InconsistentStateException)
        {
            Log.WakeFailed(_logger, e, _id);
            SetTimer(Timings.RetryMax);
        }
    }

    private Task ExpireAsync()
    {
        if (state.State.Observer is { } observer)
        {
            _ = SendCancelAsync(observer);
        }

        return EndAsync(null, state.State.Report!.Sent);
    }

    // The lifecycle has its verdict; now it is persisted, with the response, in one write.
    private async Task EndAsync(StoredResponse? response, bool sent, string detail = "")
    {
        var kept = state.State;
        kept.Report = kept.Report! with
        {
            State = RequestState.Ended,
            Verdict = _life!.Verdict,
            Sent = sent,
            EndedAt = _clock.UtcNow,
            Status = response?.Status,
            ResponseBytes = response?.Body.Length ?? 0,
            Detail = detail,
        };
        kept.ResponseHeaders = response?.Headers.ToArray();
        kept.ResponseBody = response?.Body.ToArray() ?? [];
        kept.Observer = null;
        kept.Payload = [];
        await WriteAsync();
        Recount();
        Log.Ended(_logger, _id, _life.Verdict!.Value, kept.Report.Attempt);
        NotifyWatchers();
        Arm();
        await RemindToForgetAsync();
    }

    private StoredResponse? Response => state.State is { ResponseHeaders: { } headers, Report.Status: { } status }
        ? new StoredResponse { Status = status, Headers = headers, Body = state.State.ResponseBody }
        : null;

    private DateTimeOffset ForgetAt => state.State.ExpiresAt + _options.DurableRetention;

    private async Task ForgetWhenDueAsync()
    {
        if (_clock.UtcNow < ForgetAt)
        {
            Arm();
            return;
        }

        await state.ClearStateAsync();
        _life = null;
        Uncount();
        await ForgetReminderAsync();
        Log.Forgotten(_logger, _id);
        DeactivateOnIdle();
    }

    // An ended request needs no reminder every minute, only one for its removal. If this fails the old one serves as well.
    private async Task RemindToForgetAsync()
    {
        try
        {
            var due = ForgetAt - _clock.UtcNow;
            await this.RegisterOrUpdateReminder(Names.Reminders.Request, due > TimeSpan.Zero ? due : TimeSpan.Zero, _forgetterPeriod);
        }
        catch (Exception e)
        {
            Log.ReminderFailed(_logger, e, _id);
        }
    }

    private async Task ForgetReminderAsync()
    {
        try
        {
            if (await this.GetReminder(Names.Reminders.Request) is { } reminder)
            {
                await this.UnregisterReminder(reminder);
            }
        }
        catch (Exception e)
        {
            Log.ReminderFailed(_logger, e, _id);
        }
    }

    private void Arm()
    {
        var at = _life!.Phase == DurablePhase.Ended ? _clock.Of(ForgetAt) : _life.WakeAt;
        SetTimer(at - _clock.Now);
    }

    private void SetTimer(TimeSpan due)
    {
        due = due < TimeSpan.Zero ? TimeSpan.Zero : due > _longestTimer ? _longestTimer : due;
        if (_timer is null)
        {
            _timer = this.RegisterGrainTimer(WakeAsync, new GrainTimerCreationOptions(due, Timeout.InfiniteTimeSpan));
        }
        else
        {
            _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    // What could not be written must not be reported, nor kept in memory: the next activation reads what is persisted.
    private async Task WriteAsync()
    {
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
    }

    // Not awaited: no turn waits for another process. A front door that gets no notice ends the attempt at its own deadline.
    private async Task SendCancelAsync(IFrontDoorObserver observer)
    {
        try
        {
            await _clock.Bound(observer.CancelRequest(_id.Value), _options.ObserverCallTimeout);
        }
        catch (Exception e)
        {
            Log.ObserverCallFailed(_logger, e, _id);
        }
    }
}

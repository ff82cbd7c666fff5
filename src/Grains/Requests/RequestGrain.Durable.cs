using Orleans.Storage;
using Switchboard.Abstractions;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Requests;
using Switchboard.Core.Requests;

namespace Switchboard.Grains.Requests;

/// <summary>
/// The life of a durable request. A grain timer wakes it at exact times; a reminder is what survives the loss of the activation, and
/// finds it again at most a minute later. What is told is written down first.
/// </summary>
internal sealed partial class RequestGrain
{
    /// <summary>Orleans' shortest period for reminders.</summary>
    private static readonly TimeSpan _survivorPeriod = TimeSpan.FromMinutes(1);

    /// <summary>The period of the reminder that only has to forget an ended request.</summary>
    private static readonly TimeSpan _forgetterPeriod = TimeSpan.FromHours(1);

    /// <summary>Timers take no more than 49 days; waking too early does no harm.</summary>
    private static readonly TimeSpan _longestTimer = TimeSpan.FromDays(1);

    // Null: no durable request is kept under this id.
    private DurableLifecycle? _life;
    private IGrainTimer? _timer;

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (_life is null)
        {
            // It was forgotten, or never kept, and its reminder could not be removed then.
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
            return;
        _life = report.Verdict is { } verdict
            ? DurableLifecycle.AlreadyEnded(verdict, report.Attempt)
            : new DurableLifecycle(Timings, _clock.Of(state.State.ExpiresAt), report.Attempt, state.State.Lane is not null, _clock.Now);
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
        LogAccepted(_id, timeToLive);
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
            LogWakeFailed(e, _id);
            SetTimer(Timings.RetryMax);
        }
    }

    private Task ExpireAsync()
    {
        if (state.State.Lane is { } lane)
            _ = TellCancelledAsync(lane);
        return EndAsync(null, state.State.Report!.Sent);
    }

    // The lifecycle has its verdict; now it is written down, with the answer, in one piece.
    private async Task EndAsync(StoredAnswer? answer, bool sent)
    {
        var kept = state.State;
        kept.Report = kept.Report! with
        {
            State = RequestState.Ended,
            Verdict = _life!.Verdict,
            Sent = sent,
            EndedAt = _clock.UtcNow,
            Status = answer?.Status,
            AnswerBytes = answer?.Body.Length ?? 0,
        };
        kept.AnswerHeaders = answer?.Headers.ToArray();
        kept.AnswerBody = answer?.Body.ToArray() ?? [];
        kept.Lane = null;
        kept.Payload = [];
        await WriteAsync();
        LogEnded(_id, _life.Verdict!.Value, kept.Report.Attempt);
        TellWatchers();
        Arm();
        await RemindToForgetAsync();
    }

    private StoredAnswer? Answer => state.State is { AnswerHeaders: { } headers, Report.Status: { } status }
        ? new StoredAnswer { Status = status, Headers = headers, Body = state.State.AnswerBody }
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
        await ForgetReminderAsync();
        LogForgotten(_id);
        DeactivateOnIdle();
    }

    // An ended request needs no reminder every minute, only one to be forgotten by. Where this fails the old one does as well.
    private async Task RemindToForgetAsync()
    {
        try
        {
            var due = ForgetAt - _clock.UtcNow;
            await this.RegisterOrUpdateReminder(Names.Reminders.Request, due > TimeSpan.Zero ? due : TimeSpan.Zero, _forgetterPeriod);
        }
        catch (Exception e)
        {
            LogReminderFailed(e, _id);
        }
    }

    private async Task ForgetReminderAsync()
    {
        try
        {
            if (await this.GetReminder(Names.Reminders.Request) is { } reminder)
                await this.UnregisterReminder(reminder);
        }
        catch (Exception e)
        {
            LogReminderFailed(e, _id);
        }
    }

    private void Arm()
    {
        DelayDeactivation(IdleActivations.HoldsSomething);
        var at = _life!.Phase == DurablePhase.Ended ? _clock.Of(ForgetAt) : _life.WakeAt;
        SetTimer(at - _clock.Now);
    }

    private void SetTimer(TimeSpan due)
    {
        due = due < TimeSpan.Zero ? TimeSpan.Zero : due > _longestTimer ? _longestTimer : due;
        if (_timer is null)
            _timer = this.RegisterGrainTimer(WakeAsync, new GrainTimerCreationOptions(due, Timeout.InfiniteTimeSpan));
        else
            _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    // What could not be written must not be told, nor kept in memory: the next activation reads what holds.
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

    // Not awaited: no turn waits for another process. A front door that hears nothing ends the attempt at its own deadline.
    private async Task TellCancelledAsync(IFrontDoorLane lane)
    {
        try
        {
            await _clock.Bound(lane.CancelRequest(_id.Value), _options.LaneCallTimeout);
        }
        catch (Exception e)
        {
            LogLaneUntold(e, _id);
        }
    }
}

using Switchboard.Abstractions;
using Switchboard.Abstractions.Durable;

namespace Switchboard.Grains.Requests;

/// <summary>
/// Ends a durable request when its time to live is over. A grain timer gives the exact time; a reminder survives the loss of the activation, and
/// is late by a minute at most. The storage's clock decides: an early look looks again.
/// </summary>
internal sealed partial class RequestGrain
{
    /// <summary>Orleans' shortest period for reminders.</summary>
    private static readonly TimeSpan _reminderPeriod = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan _lookAgain = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _storageAway = TimeSpan.FromSeconds(5);

    /// <summary>The maximum of a grain timer: timers are limited to 49 days, and waking too early does no harm.</summary>
    private static readonly TimeSpan _longestTimer = TimeSpan.FromDays(1);

    private IGrainTimer? _timer;
    private bool _reminded;

    public async Task Keep(TimeSpan left, bool survive)
    {
        if (!_id.IsDurable)
        {
            throw new InvalidOperationException($"Request {_id} lives at a front door: its id has that front door's number.");
        }

        // Without a time limit, because one would be measured by the wall clock; its end lets it go.
        DelayDeactivation(TimeSpan.MaxValue);
        Arm(left);
        if (survive && !_reminded)
        {
            await this.RegisterOrUpdateReminder(Names.Reminders.Request, left > TimeSpan.Zero ? left : TimeSpan.Zero, _reminderPeriod);
            _reminded = true;
        }
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        _reminded = true;
        return LookAsync(CancellationToken.None);
    }

    public async Task Ended()
    {
        NotifyWatchers();
        _timer?.Dispose();
        _timer = null;
        // Collected like one that holds nothing. Ended at once, calls that are queued behind this one would be rejected.
        DelayDeactivation(TimeSpan.Zero);
        await ForgetReminderAsync();
    }

    // Whatever throws here is tried again: by the timer after a while, by the reminder if the activation does not live that long.
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ended.ExpireAsync(_clock.Now + _turn);
            if (await log.FindAsync(_id.Value, cancellationToken) is not { } request || request.State == LoggedState.Ended)
            {
                await Ended();
                return;
            }

            var left = request.ExpiresAt - _clock.UtcNow;
            Arm(left > _lookAgain ? left : _lookAgain);
        }
        catch (Exception e)
        {
            Log.WakeFailed(_logger, e, _id);
            Arm(_storageAway);
        }
    }

    private void Arm(TimeSpan due)
    {
        due = due < TimeSpan.Zero ? TimeSpan.Zero : due > _longestTimer ? _longestTimer : due;
        if (_timer is null)
        {
            _timer = this.RegisterGrainTimer(LookAsync, new GrainTimerCreationOptions(due, Timeout.InfiniteTimeSpan));
        }
        else
        {
            _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task ForgetReminderAsync()
    {
        if (!_reminded)
        {
            return;
        }

        try
        {
            if (await this.GetReminder(Names.Reminders.Request) is { } reminder)
            {
                await this.UnregisterReminder(reminder);
            }

            _reminded = false;
        }
        catch (Exception e)
        {
            Log.ReminderFailed(_logger, e, _id);
        }
    }
}

using Orleans.Concurrency;

namespace Switchboard.Compat.Tests.Orleans;

/// <summary>A grain with timers and reminders.</summary>
[Alias("compat.clockwork")]
public interface IClockwork : IRemindable, IGrainWithStringKey
{
    [Alias("StartTimer")]
    Task StartTimer(TimeSpan due, TimeSpan period, bool interleave, bool keepAlive);

    [Alias("StartAllForms")]
    Task StartAllForms();

    [Alias("StartFailing")]
    Task StartFailing(TimeSpan period);

    [Alias("StartHolding")]
    Task StartHolding(TimeSpan period);

    [Alias("Change")]
    Task Change(TimeSpan due, TimeSpan period);

    [Alias("StopTimer")]
    Task StopTimer();

    [Alias("Hold")]
    Task Hold(string gate);

    [Alias("GoAway")]
    Task GoAway();

    [Alias("Ping")]
    Task Ping();

    [Alias("Peek")]
    [AlwaysInterleave]
    Task<string> Peek();

    [Alias("Remind")]
    Task Remind(string name, TimeSpan due, TimeSpan period);

    [Alias("Forget")]
    Task Forget(string name);

    [Alias("ReminderNames")]
    Task<List<string>> ReminderNames();

    [Alias("HasReminder")]
    Task<bool> HasReminder(string name);
}

[GrainType("compat-clockwork")]
public sealed class ClockworkGrain(TimeProvider time) : Grain, IClockwork
{
    private IGrainTimer? _timer;
    private int _ticks;

    private Diary Diary => Diary.Of(this.GetPrimaryKeyString());

    public Task StartTimer(TimeSpan due, TimeSpan period, bool interleave, bool keepAlive)
    {
        var options = new GrainTimerCreationOptions(due, period) { Interleave = interleave, KeepAlive = keepAlive };
        _timer = this.RegisterGrainTimer(TickAsync, options);
        return Task.CompletedTask;
    }

    public Task StartAllForms()
    {
        var (due, period) = (TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        var options = new GrainTimerCreationOptions(due, period);
        this.RegisterGrainTimer(() => WriteAsync("plain"), due, period);
        this.RegisterGrainTimer(() => WriteAsync("plain options"), options);
        this.RegisterGrainTimer(token => WriteAsync($"token {token.CanBeCanceled}"), due, period);
        this.RegisterGrainTimer(token => WriteAsync($"token options {token.CanBeCanceled}"), options);
        this.RegisterGrainTimer(state => WriteAsync($"state {state}"), 1, due, period);
        this.RegisterGrainTimer(state => WriteAsync($"state options {state}"), 2, options);
        this.RegisterGrainTimer((state, token) => WriteAsync($"both {state} {token.CanBeCanceled}"), 3, due, period);
        this.RegisterGrainTimer((state, token) => WriteAsync($"both options {state} {token.CanBeCanceled}"), 4, options);
        return Task.CompletedTask;
    }

    public Task StartFailing(TimeSpan period)
    {
        _timer = this.RegisterGrainTimer(
            () =>
            {
                Diary.Write($"tick {++_ticks}");
                throw new InvalidOperationException("the tick fails");
            },
            period,
            period);
        return Task.CompletedTask;
    }

    public Task StartHolding(TimeSpan period)
    {
        _timer = this.RegisterGrainTimer(
            async () =>
            {
                Diary.Write($"tick {++_ticks}");
                await Diary.PassAsync($"tick {_ticks}");
            },
            period,
            period);
        return Task.CompletedTask;
    }

    public Task Change(TimeSpan due, TimeSpan period)
    {
        _timer!.Change(due, period);
        return Task.CompletedTask;
    }

    public Task StopTimer()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public async Task Hold(string gate)
    {
        Diary.Write($"holding {gate}");
        await Diary.PassAsync(gate);
        Diary.Write($"held {gate}");
    }

    public Task GoAway()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task Ping() => Task.CompletedTask;

    public Task<string> Peek() => Task.FromResult(string.Join(',', Diary.Entries));

    public Task Remind(string name, TimeSpan due, TimeSpan period) => this.RegisterOrUpdateReminder(name, due, period);

    public async Task Forget(string name) => await this.UnregisterReminder((await this.GetReminder(name))!);

    public async Task<List<string>> ReminderNames() => [.. (await this.GetReminders()).Select(reminder => reminder.ReminderName)];

    public async Task<bool> HasReminder(string name) => await this.GetReminder(name) is not null;

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Diary.Write($"reminded {reminderName} {++_ticks} {status.Period} {(status.CurrentTickTime - status.FirstTickTime).TotalMinutes:0}");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Diary.Write($"deactivated {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    private Task TickAsync() => WriteAsync($"tick {++_ticks}");

    private Task WriteAsync(string entry)
    {
        Diary.Write(entry);
        _ = time.GetTimestamp();
        return Task.CompletedTask;
    }
}

using Orleans.TestingHost;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Orleans;

/// <summary>Timers and reminders under a clock that the test turns.</summary>
public sealed class TimerTests : IAsyncLifetime
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private readonly ManualTimeProvider _time = new();
    private readonly string _key = Diary.NewKey();
    private InProcessTestCluster? _cluster;

    private IClockwork Clockwork => _cluster!.Client.GetGrain<IClockwork>(_key);

    private Diary Notes => Diary.Of(_key);

    public async Task InitializeAsync() => _cluster = await GrainCluster.StartAsync(silo => GrainCluster.UseManualTime(silo, _time));

    public async Task DisposeAsync()
    {
        await _cluster!.StopAllSilosAsync().DefaultTimeout();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task A_timer_ticks_at_its_due_time_and_then_every_period_after_the_tick_before()
    {
        await Clockwork.StartTimer(3 * s_second, s_second, interleave: false, keepAlive: false).DefaultTimeout();
        _time.Advance(2 * s_second);
        await Clockwork.Ping().DefaultTimeout();
        Assert.DoesNotContain("tick 1", Notes.Entries);
        _time.Advance(s_second);
        await Notes.WhenAsync("tick 1");
        await TickAsync(2);
        await TickAsync(3);
        await Clockwork.StopTimer().DefaultTimeout();
        _time.Advance(10 * s_second);
        await Clockwork.Ping().DefaultTimeout();
        Assert.Equal(["tick 1", "tick 2", "tick 3"], Notes.Entries);
    }

    [Fact]
    public async Task All_forms_of_a_callback_are_called()
    {
        await Clockwork.StartAllForms().DefaultTimeout();
        _time.Advance(s_second);
        foreach (var entry in new[]
        {
            "plain", "plain options", "token True", "token options True",
            "state 1", "state options 2", "both 3 True", "both options 4 True",
        })
        {
            await Notes.WhenAsync(entry);
        }

        Assert.Equal(8, Notes.Entries.Count);
    }

    [Fact]
    public async Task A_tick_waits_for_the_turn_that_runs()
    {
        await Clockwork.StartTimer(s_second, Timeout.InfiniteTimeSpan, interleave: false, keepAlive: false).DefaultTimeout();
        var held = Clockwork.Hold("a");
        await Notes.WhenAsync("holding a");
        _time.Advance(s_second);
        Assert.Equal("holding a", await Clockwork.Peek().DefaultTimeout());
        Notes.Open("a");
        await held.DefaultTimeout();
        await Notes.WhenAsync("tick 1");
        Assert.Equal(["holding a", "held a", "tick 1"], Notes.Entries);
    }

    [Fact]
    public async Task An_interleaving_tick_does_not_wait()
    {
        await Clockwork.StartTimer(s_second, Timeout.InfiniteTimeSpan, interleave: true, keepAlive: false).DefaultTimeout();
        var held = Clockwork.Hold("a");
        await Notes.WhenAsync("holding a");
        _time.Advance(s_second);
        await Notes.WhenAsync("tick 1");
        Assert.False(held.IsCompleted);
        Notes.Open("a");
        await held.DefaultTimeout();
    }

    [Fact]
    public async Task A_timer_never_overlaps_itself_and_a_call_waits_for_a_tick()
    {
        await Clockwork.StartHolding(s_second).DefaultTimeout();
        _time.Advance(s_second);
        await Notes.WhenAsync("tick 1");
        var ping = Clockwork.Ping();
        _time.Advance(10 * s_second);
        Assert.DoesNotContain("tick 2", Notes.Entries);
        Assert.False(ping.IsCompleted);
        Notes.Open("tick 1");
        Notes.Open("tick 2");
        await ping.DefaultTimeout();
        await TickAsync(2);
    }

    [Fact]
    public async Task A_failing_tick_does_not_end_the_timer()
    {
        await Clockwork.StartFailing(s_second).DefaultTimeout();
        _time.Advance(s_second);
        await Notes.WhenAsync("tick 1");
        await TickAsync(2);
    }

    [Fact]
    public async Task Change_starts_it_anew()
    {
        await Clockwork.StartTimer(s_second, s_second, interleave: false, keepAlive: false).DefaultTimeout();
        await Clockwork.Change(5 * s_second, Timeout.InfiniteTimeSpan).DefaultTimeout();
        _time.Advance(4 * s_second);
        await Clockwork.Ping().DefaultTimeout();
        Assert.Empty(Notes.Entries);
        _time.Advance(s_second);
        await Notes.WhenAsync("tick 1");
        _time.Advance(20 * s_second);
        await Clockwork.Ping().DefaultTimeout();
        Assert.Equal(["tick 1"], Notes.Entries);
    }

    [Fact]
    public async Task Timers_end_with_the_activation()
    {
        await Clockwork.StartTimer(s_second, s_second, interleave: false, keepAlive: false).DefaultTimeout();
        await Clockwork.GoAway().DefaultTimeout();
        await Notes.WhenAsync("deactivated ApplicationRequested");
        await Clockwork.Ping().DefaultTimeout();
        _time.Advance(10 * s_second);
        await Clockwork.Ping().DefaultTimeout();
        Assert.Equal(["deactivated ApplicationRequested"], Notes.Entries);
    }

    [Fact]
    public async Task Times_that_no_timer_has_are_refused()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(
            () => Clockwork.StartTimer(TimeSpan.FromSeconds(-7), s_second, interleave: false, keepAlive: false).DefaultTimeout());
        await Assert.ThrowsAnyAsync<ArgumentException>(
            () => Clockwork.StartTimer(s_second, TimeSpan.FromDays(60), interleave: false, keepAlive: false).DefaultTimeout());
    }

    [Fact]
    public async Task A_reminder_ticks_and_activates_its_grain()
    {
        await Clockwork.Remind("r", TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5)).DefaultTimeout();
        Assert.Equal(["r"], await Clockwork.ReminderNames().DefaultTimeout());
        await Clockwork.GoAway().DefaultTimeout();
        await Notes.WhenAsync("deactivated ApplicationRequested");
        await _time.WhenTimerIsSetAsync(TimeSpan.FromMinutes(2));
        _time.Advance(TimeSpan.FromMinutes(2));
        await Notes.WhenAsync("reminded r 1 00:05:00 0");
        await TurnUntilAsync("reminded r 2 00:05:00 5", TimeSpan.FromMinutes(1), 5);

        Assert.True(await Clockwork.HasReminder("r").DefaultTimeout());
        await Clockwork.Forget("r").DefaultTimeout();
        Assert.False(await Clockwork.HasReminder("r").DefaultTimeout());
        _time.Advance(TimeSpan.FromMinutes(20));
        await Clockwork.Ping().DefaultTimeout();
        Assert.DoesNotContain(Notes.Entries, entry => entry.StartsWith("reminded r 3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reminder_waits_for_the_turn_that_runs()
    {
        await Clockwork.Remind("r", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)).DefaultTimeout();
        var held = Clockwork.Hold("a");
        await Notes.WhenAsync("holding a");
        await _time.WhenTimerIsSetAsync(TimeSpan.FromMinutes(1));
        _time.Advance(TimeSpan.FromMinutes(1));
        // It comes by ways of its own; whatever time that takes, it does not come now.
        for (var i = 0; i < 20; i++) Assert.Equal("holding a", await Clockwork.Peek().DefaultTimeout());
        Notes.Open("a");
        await held.DefaultTimeout();
        await Notes.WhenAsync("reminded r 1 00:05:00 0");
        Assert.Equal(["holding a", "held a", "reminded r 1 00:05:00 0"], Notes.Entries);
    }

    [Fact]
    public async Task A_reminder_under_a_minute_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Clockwork.Remind("r", s_second, 59 * s_second).DefaultTimeout());
        await Assert.ThrowsAsync<ArgumentNullException>(() => Clockwork.Remind(" ", s_second, 60 * s_second).DefaultTimeout());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Clockwork.Remind("r", -s_second, 60 * s_second).DefaultTimeout());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Clockwork.Remind("r", s_second, -s_second).DefaultTimeout());
        Assert.Empty(await Clockwork.ReminderNames().DefaultTimeout());
    }

    /// <summary>The timer is set again a little after the tick has been written, so the clock is turned once it is.</summary>
    private async Task TickAsync(int number)
    {
        await Clockwork.Ping().DefaultTimeout();
        await TurnUntilAsync($"tick {number}", s_second, 1);
    }

    private async Task TurnUntilAsync(string entry, TimeSpan step, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            await Clockwork.Ping().DefaultTimeout();
            _time.Advance(step);
        }

        await Notes.WhenAsync(entry);
    }
}

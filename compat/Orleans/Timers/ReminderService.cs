using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Hosting;
using Orleans.Reminders;
using Orleans.Runtime;

namespace Orleans.Timers;

/// <summary>Reads the reminder table and ticks for what it finds there. Without a table there are no reminders.</summary>
internal sealed partial class ReminderService(
    GrainRuntime runtime,
    IReminderTable table,
    IOptions<ReminderOptions> options,
    [FromKeyedServices(ReminderTimeProviderNames.Reminders)] TimeProvider time)
{
    private readonly ConcurrentDictionary<(GrainId Grain, string Name), Alarm> _alarms = new();
    private ITimer? _refresh;

    /// <summary>The service, asked for by a grain. InvalidOperationException: there is none, or this is no turn.</summary>
    public static ReminderService For(Activation activation)
    {
        if (TurnQueue.CurrentOwner is null)
        {
            throw new InvalidOperationException(
                "Attempted to access grain from a non-grain context, such as a background thread, which is invalid."
                + " Ensure that you are only accessing grain functionality from within the context of a grain.");
        }

        return activation.ActivationServices.GetService<ReminderService>()
            ?? throw new InvalidOperationException("The reminder service has not been configured: ISiloBuilder.UseInMemoryReminderService().");
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await table.StartAsync(cancellationToken);
        await RefreshAsync();
        _refresh = time.CreateTimer(
            _ => _ = runtime.Chores.RunAsync(RefreshAsync), null, options.Value.RefreshReminderListPeriod, options.Value.RefreshReminderListPeriod);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_refresh is { } refresh)
        {
            await refresh.DisposeAsync();
        }

        _alarms.Keys.ToList().ForEach(Forget);
        await table.StopAsync(cancellationToken);
    }

    public async Task<IGrainReminder> RegisterAsync(GrainId grain, string name, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.Zero);
        var least = options.Value.MinimumReminderPeriod;
        if (period < least)
        {
            throw new ArgumentException(
                $"Cannot register reminder {name} as requested period ({period}) is less than minimum allowed reminder period ({least})");
        }

        var start = time.GetUtcNow().UtcDateTime + dueTime;
        var entry = new ReminderEntry { GrainId = grain, ReminderName = name, StartAt = start, Period = period };
        entry.ETag = await table.UpsertRow(entry)
            ?? throw new ReminderException($"Could not register reminder {entry} to reminder table due to a race. Please try again later.");
        Set(entry);
        return new Reminder(entry);
    }

    public async Task UnregisterAsync(IGrainReminder reminder)
    {
        var entry = ((Reminder)reminder).Entry;
        if (!await table.RemoveRow(entry.GrainId, entry.ReminderName, entry.ETag!)
            && await table.ReadRow(entry.GrainId, entry.ReminderName) is not null)
        {
            throw new ReminderException(
                $"Could not unregister reminder {entry} from the reminder table, due to tag mismatch. You can retry.");
        }

        Forget((entry.GrainId, entry.ReminderName));
    }

    public async Task<IGrainReminder?> GetAsync(GrainId grain, string name)
        => await table.ReadRow(grain, name) is { } entry ? new Reminder(entry) : null;

    public async Task<List<IGrainReminder>> GetAllAsync(GrainId grain)
        => [.. (await table.ReadRows(grain)).Reminders.Select(entry => new Reminder(entry))];

    private async Task RefreshAsync()
    {
        try
        {
            var before = _alarms.ToArray();
            var rows = (await table.ReadRows(0, 0)).Reminders;
            // Timers that are due together fire in the order in which they were made; that is not to be the table's.
            rows.OrderBy(row => $"{row.GrainId} {row.ReminderName}", StringComparer.Ordinal).ToList().ForEach(Set);
            var kept = rows.Select(entry => (entry.GrainId, entry.ReminderName)).ToHashSet();
            foreach (var (key, alarm) in before)
            {
                // Only what was known before the table was read: a reminder set meanwhile is not in the answer.
                if (!kept.Contains(key) && _alarms.TryRemove(new(key, alarm)))
                {
                    alarm.Dispose();
                }
            }
        }
        catch (Exception exception)
        {
            LogRefreshFailed(runtime.Log, exception);
        }
    }

    private void Set(ReminderEntry entry)
    {
        var key = (entry.GrainId, entry.ReminderName);
        if (_alarms.TryGetValue(key, out var known) && known.Entry.ETag == entry.ETag)
        {
            return;
        }

        Forget(key);
        _alarms[key] = new Alarm(runtime, entry, time);
    }

    private void Forget((GrainId Grain, string Name) key)
    {
        if (_alarms.TryRemove(key, out var alarm))
        {
            alarm.Dispose();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The reminder table could not be read; it is tried again.")]
    private static partial void LogRefreshFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Reminder {Name} of grain {Grain} failed; it goes on.")]
    private static partial void LogTickFailed(ILogger logger, Exception exception, string name, GrainId grain);

    private sealed record Reminder(ReminderEntry Entry) : IGrainReminder
    {
        public string ReminderName => Entry.ReminderName;
    }

    /// <summary>Ticks for one reminder, at its start and whole periods after it. A tick waits for the one before.</summary>
    private sealed class Alarm : IDisposable
    {
        private readonly GrainRuntime _runtime;
        private readonly TimeProvider _time;
        private readonly ITimer _timer;
        private readonly IRemindable _grain;

        public Alarm(GrainRuntime runtime, ReminderEntry entry, TimeProvider time)
        {
            (_runtime, Entry, _time) = (runtime, entry, time);
            _grain = (IRemindable)(object)ProxyEmitter.Create(typeof(IRemindable), runtime, entry.GrainId);
            _timer = time.CreateTimer(_ => _ = runtime.Chores.RunAsync(TickAsync), null, UntilNext(), Timeout.InfiniteTimeSpan);
        }

        public ReminderEntry Entry { get; }

        public void Dispose() => _timer.Dispose();

        private DateTime Now => _time.GetUtcNow().UtcDateTime;

        private async Task TickAsync()
        {
            try
            {
                await _grain.ReceiveReminder(Entry.ReminderName, new TickStatus(Entry.StartAt, Entry.Period, Now));
            }
            catch (Exception exception)
            {
                LogTickFailed(_runtime.Log, exception, Entry.ReminderName, Entry.GrainId);
            }

            try
            {
                _timer.Change(UntilNext(), Timeout.InfiniteTimeSpan);
            }
            catch (ObjectDisposedException)
            {
                // Unregistered during the tick.
            }
        }

        private TimeSpan UntilNext()
        {
            var late = Now - Entry.StartAt;
            return late < TimeSpan.Zero ? -late : Entry.Period - TimeSpan.FromTicks(late.Ticks % Math.Max(1, Entry.Period.Ticks));
        }
    }
}

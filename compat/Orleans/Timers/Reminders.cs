using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>A reminder of a grain: a tick that outlives activations and restarts.</summary>
    public interface IGrainReminder
    {
        /// <summary>Its name within the grain.</summary>
        string ReminderName { get; }
    }

    /// <summary>When a reminder ticks.</summary>
    [GenerateSerializer]
    [Immutable]
    public readonly struct TickStatus(DateTime firstTickTime, TimeSpan period, DateTime timeStamp)
    {
        /// <summary>When it first ticked, UTC.</summary>
        [Id(0)]
        public DateTime FirstTickTime { get; } = firstTickTime;

        /// <summary>Between two ticks.</summary>
        [Id(1)]
        public TimeSpan Period { get; } = period;

        /// <summary>This tick, UTC.</summary>
        [Id(2)]
        public DateTime CurrentTickTime { get; } = timeStamp;

        public override string ToString() => $"<{FirstTickTime:o}, {Period}, {CurrentTickTime:o}>";
    }
}

namespace Orleans
{
    /// <summary>A grain that has reminders.</summary>
    public interface IRemindable : IGrain
    {
        /// <summary>A tick, as a call: it activates the grain.</summary>
        Task ReceiveReminder(string reminderName, TickStatus status);
    }

    /// <summary>Where reminders are kept.</summary>
    public interface IReminderTable
    {
        /// <summary>Before anything else.</summary>
        Task StartAsync(CancellationToken cancellationToken = default)
#pragma warning disable CS0618 // The real interface has it so: an old table is started by Init.
            => Init();
#pragma warning restore CS0618

        [Obsolete("Implement and use StartAsync instead")]
        Task Init() => Task.CompletedTask;

        /// <summary>The reminders of a grain.</summary>
        Task<ReminderTableData> ReadRows(GrainId grainId);

        /// <summary>The reminders of the grains whose uniform hash is in (begin, end]; all where both are equal.</summary>
        Task<ReminderTableData> ReadRows(uint begin, uint end);

        /// <summary>One reminder; null: there is none.</summary>
        Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName);

        /// <summary>Writes one and gives its etag; null: it could not.</summary>
        Task<string?> UpsertRow(ReminderEntry entry);

        /// <summary>Removes one if the etag is the stored one.</summary>
        Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag);

        /// <summary>Removes all.</summary>
        Task TestOnlyClearTable();

        /// <summary>After everything else.</summary>
        Task StopAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
    }

    /// <summary>A reminder as it is kept.</summary>
    [GenerateSerializer]
    public sealed class ReminderEntry
    {
        /// <summary>Whose.</summary>
        [Id(0)]
        public GrainId GrainId { get; set; }

        /// <summary>Its name within the grain.</summary>
        [Id(1)]
        public string ReminderName { get; set; } = null!;

        /// <summary>The first tick, UTC.</summary>
        [Id(2)]
        public DateTime StartAt { get; set; }

        /// <summary>Between two ticks.</summary>
        [Id(3)]
        public TimeSpan Period { get; set; }

        /// <summary>Its version.</summary>
        [Id(4)]
        public string? ETag { get; set; }

        public override string ToString() => $"<GrainId={GrainId} ReminderName={ReminderName} Period={Period}>";
    }

    /// <summary>Some reminders.</summary>
    [GenerateSerializer]
    public sealed class ReminderTableData
    {
        public ReminderTableData()
            : this([])
        {
        }

        public ReminderTableData(IEnumerable<ReminderEntry> list) => Reminders = [.. list];

        public ReminderTableData(ReminderEntry entry)
            : this([entry])
        {
        }

        /// <summary>The reminders.</summary>
        [Id(0)]
        public IList<ReminderEntry> Reminders { get; private set; }
    }

    /// <summary>Reminders, for every grain class.</summary>
    public static class GrainReminderExtensions
    {
        /// <summary>
        /// Sets a reminder. ArgumentException: the period is under <see cref="Hosting.ReminderOptions.MinimumReminderPeriod"/>.
        /// </summary>
        public static Task<IGrainReminder> RegisterOrUpdateReminder(
            this IGrainBase grain, string reminderName, TimeSpan dueTime, TimeSpan period)
            => grain is IRemindable
                ? Service(grain).RegisterAsync(grain.GrainContext.GrainId, Named(reminderName), dueTime, period)
                : throw new InvalidOperationException($"The grain must implement {nameof(IRemindable)} to have reminders.");

        /// <summary>Ends a reminder.</summary>
        public static Task UnregisterReminder(this IGrainBase grain, IGrainReminder reminder) => Service(grain).UnregisterAsync(reminder);

        /// <summary>The reminder of that name; null: there is none.</summary>
        public static Task<IGrainReminder?> GetReminder(this IGrainBase grain, string reminderName)
            => Service(grain).GetAsync(grain.GrainContext.GrainId, Named(reminderName));

        /// <summary>All reminders of the grain.</summary>
        public static Task<List<IGrainReminder>> GetReminders(this IGrainBase grain)
            => Service(grain).GetAllAsync(grain.GrainContext.GrainId);

        private static string Named(string reminderName)
            => string.IsNullOrWhiteSpace(reminderName) ? throw new ArgumentNullException(nameof(reminderName)) : reminderName;

        private static Timers.ReminderService Service(IGrainBase grain) => Timers.ReminderService.For((Activation)grain.GrainContext);
    }
}

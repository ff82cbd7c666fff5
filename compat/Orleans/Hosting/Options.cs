namespace Orleans.Configuration
{
    /// <summary>Which cluster.</summary>
    public class ClusterOptions
    {
        /// <summary>The cluster.</summary>
        public string ClusterId { get; set; } = "default";

        /// <summary>The service: what storage belongs to.</summary>
        public string ServiceId { get; set; } = "default";
    }

    /// <summary>Which silo.</summary>
    public class SiloOptions
    {
        /// <summary>Its name.</summary>
        public string SiloName { get; set; } = "Silo";
    }

    /// <summary>How calls are carried.</summary>
    public abstract class MessagingOptions
    {
        /// <summary>
        /// How long a caller waits for an answer; then TimeoutException, and what happened to the call is not known. Default 30 s.
        /// </summary>
        public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);
    }

    /// <summary>How calls are carried between silos.</summary>
    public class SiloMessagingOptions : MessagingOptions
    {
        /// <summary>How many calls may wait for one activation; past it LimitExceededException. 0: any number.</summary>
        public int MaxEnqueuedRequestsHardLimit { get; set; }
    }

    /// <summary>How states are kept in memory. Here there is nothing to choose.</summary>
    public class MemoryGrainStorageOptions;

    /// <summary>When idle grains go.</summary>
    public class GrainCollectionOptions
    {
        /// <summary>How long without a call. Default 15 min.</summary>
        public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

        /// <summary>How often idle grains are looked for. Default 1 min.</summary>
        public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

        /// <summary>How long <see cref="Grain.OnActivateAsync"/> may take. Default 30 s.</summary>
        public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

        /// <summary>How long <see cref="Grain.OnDeactivateAsync"/> may take. Default 30 s.</summary>
        public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);
    }
}

namespace Orleans.Hosting
{
    /// <summary>When reminders tick.</summary>
    public sealed class ReminderOptions
    {
        /// <summary>The shortest period. Default 1 min.</summary>
        public TimeSpan MinimumReminderPeriod { get; set; } = TimeSpan.FromMinutes(1);

        /// <summary>How often the table is read again. Default 5 min.</summary>
        public TimeSpan RefreshReminderListPeriod { get; set; } = TimeSpan.FromMinutes(5);
    }
}

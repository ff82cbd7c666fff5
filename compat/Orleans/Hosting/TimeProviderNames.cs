namespace Orleans.Runtime
{
    /// <summary>
    /// Keys under which a part of the runtime asks for its clock. By default each is the program's one <see cref="TimeProvider"/>;
    /// a test turns some and leaves the others to the wall.
    /// </summary>
    public static class TimeProviderNames
    {
        /// <summary>Grain timers.</summary>
        public const string Grains = "Orleans.Grains";

        /// <summary>How long callers wait.</summary>
        public const string Messaging = "Orleans.Messaging";

        /// <summary>The collection of idle grains.</summary>
        public const string ActivationManagement = "Orleans.ActivationManagement";

        /// <summary>Nothing here.</summary>
        public const string SystemTimers = "Orleans.SystemTimers";

        /// <summary>Nothing here.</summary>
        public const string Membership = "Orleans.Membership";

        /// <summary>Nothing here.</summary>
        public const string GrainDirectory = "Orleans.GrainDirectory";
    }
}

namespace Orleans.Reminders
{
    /// <summary>The same for reminders.</summary>
    public static class ReminderTimeProviderNames
    {
        /// <summary>Reminders.</summary>
        public const string Reminders = "Orleans.Reminders";
    }
}

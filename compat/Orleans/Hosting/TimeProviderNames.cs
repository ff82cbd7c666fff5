namespace Orleans.Runtime
{
    /// <summary>
    /// Keys under which a part of the runtime asks for its clock. By default each is the program's one <see cref="TimeProvider"/>;
    /// a test turns some and leaves the others to the wall. Used here: grain timers, call timeouts, the collection of idle grains.
    /// </summary>
    public static class TimeProviderNames
    {
        public const string Grains = "Orleans.Grains";
        public const string Messaging = "Orleans.Messaging";
        public const string ActivationManagement = "Orleans.ActivationManagement";
        public const string SystemTimers = "Orleans.SystemTimers";
        public const string Membership = "Orleans.Membership";
        public const string GrainDirectory = "Orleans.GrainDirectory";
    }
}

namespace Orleans.Reminders
{
    /// <summary>The same for reminders.</summary>
    public static class ReminderTimeProviderNames
    {
        public const string Reminders = "Orleans.Reminders";
    }
}

namespace Switchboard.Abstractions;

/// <summary>
/// Defines every name that is written to a wire, a directory or a store: aliases, grain types, states, storage and streams. A name is never
/// changed and never reused for something else; a rolling upgrade depends on it.
/// </summary>
public static class Names
{
    /// <summary>Grain types: the first part of every grain's identity.</summary>
    public static class GrainTypes
    {
        /// <summary>One agent.</summary>
        public const string Agent = "agent";

        /// <summary>One request.</summary>
        public const string Request = "request";

        /// <summary>The sweeper of durable requests.</summary>
        public const string DurableSweeper = "durable-sweeper";

        /// <summary>One task queue.</summary>
        public const string TaskQueue = "task-queue";

        /// <summary>The registry of front doors.</summary>
        public const string FrontDoorRegistry = "front-doors";

        /// <summary>One shard of the index of agents.</summary>
        public const string AgentIndex = "agent-index";
    }

    /// <summary>Aliases of grain and observer interfaces.</summary>
    public static class Interfaces
    {
        /// <summary>One agent.</summary>
        public const string Agent = "switchboard.IAgentGrain";

        /// <summary>One request.</summary>
        public const string Request = "switchboard.IRequestGrain";

        /// <summary>The sweeper of durable requests.</summary>
        public const string DurableSweeper = "switchboard.IDurableSweeperGrain";

        /// <summary>One task queue.</summary>
        public const string TaskQueue = "switchboard.ITaskQueueGrain";

        /// <summary>The registry of front doors.</summary>
        public const string FrontDoorRegistry = "switchboard.IFrontDoorRegistryGrain";

        /// <summary>One shard of the index of agents.</summary>
        public const string AgentIndex = "switchboard.IAgentIndexGrain";

        /// <summary>An observer of a front door.</summary>
        public const string FrontDoorObserver = "switchboard.IFrontDoorLane";
    }

    /// <summary>Aliases of messages and states.</summary>
    public static class Types
    {
        /// <summary>See <see cref="Agents.SessionConnect"/>.</summary>
        public const string SessionConnect = "switchboard.SessionConnect";

        /// <summary>See <see cref="Agents.SessionConnected"/>.</summary>
        public const string SessionConnected = "switchboard.SessionConnected";

        /// <summary>See <see cref="Agents.SessionAnnouncement"/>.</summary>
        public const string SessionAnnouncement = "switchboard.SessionAnnouncement";

        /// <summary>See <see cref="Agents.SessionEnd"/>.</summary>
        public const string SessionEnd = "switchboard.SessionEnd";

        /// <summary>See <see cref="Agents.RouteTarget"/>.</summary>
        public const string RouteTarget = "switchboard.RouteTarget";

        /// <summary>See <see cref="Agents.RouteResult"/>.</summary>
        public const string RouteResult = "switchboard.RouteResult";

        /// <summary>See <see cref="Agents.AgentStatus"/>.</summary>
        public const string AgentStatus = "switchboard.AgentStatus";

        /// <summary>See <see cref="FrontDoors.FrontDoorLease"/>.</summary>
        public const string FrontDoorLease = "switchboard.FrontDoorLease";

        /// <summary>See <see cref="FrontDoors.FrontDoorLeased"/>.</summary>
        public const string FrontDoorLeased = "switchboard.FrontDoorLeased";

        /// <summary>See <see cref="FrontDoors.FrontDoorRegistryState"/>.</summary>
        public const string FrontDoorRegistryState = "switchboard.FrontDoorRegistryState";

        /// <summary>See <see cref="Requests.HeaderLine"/>.</summary>
        public const string HeaderLine = "switchboard.HeaderLine";

        /// <summary>See <see cref="Requests.RequestReport"/>.</summary>
        public const string RequestReport = "switchboard.RequestReport";

        /// <summary>See <see cref="Tasks.TaskSubmission"/>.</summary>
        public const string TaskSubmission = "switchboard.TaskSubmission";

        /// <summary>See <see cref="Tasks.TaskSubmitted"/>.</summary>
        public const string TaskSubmitted = "switchboard.TaskSubmitted";

        /// <summary>See <see cref="Tasks.TaskOutcome"/>.</summary>
        public const string TaskOutcome = "switchboard.TaskOutcome";

        /// <summary>See <see cref="Tasks.TaskQueueState"/>.</summary>
        public const string TaskQueueState = "switchboard.TaskQueueState";

        /// <summary>See <see cref="Presence.AgentReport"/>.</summary>
        public const string AgentReport = "switchboard.AgentReport";

        /// <summary>See <see cref="Presence.AgentQuery"/>.</summary>
        public const string AgentQuery = "switchboard.AgentQuery";

        /// <summary>See <see cref="Presence.AgentPage"/>.</summary>
        public const string AgentPage = "switchboard.AgentPage";
    }

    /// <summary>Storage providers and the states kept in them.</summary>
    public static class Storage
    {
        /// <summary>The one grain storage provider.</summary>
        public const string Provider = "switchboard";

        /// <summary>State of the registry of front doors.</summary>
        public const string FrontDoors = "front-doors";
    }

    /// <summary>Reminders.</summary>
    public static class Reminders
    {
        /// <summary>Ends a durable request in time whose activation was lost.</summary>
        public const string Request = "request";

        /// <summary>Has the log of durable requests swept.</summary>
        public const string Sweep = "sweep";
    }
}

/// <summary>
/// The version of every grain interface. A change adds a method and raises the version, so that silos of two releases can run
/// side by side while one replaces the other.
/// </summary>
public static class Versions
{
    /// <summary>One agent.</summary>
    public const ushort Agent = 3;

    /// <summary>One request.</summary>
    public const ushort Request = 2;

    /// <summary>The sweeper of durable requests.</summary>
    public const ushort DurableSweeper = 1;

    /// <summary>One task queue.</summary>
    public const ushort TaskQueue = 1;

    /// <summary>The registry of front doors.</summary>
    public const ushort FrontDoorRegistry = 1;

    /// <summary>One shard of the index of agents.</summary>
    public const ushort AgentIndex = 2;
}

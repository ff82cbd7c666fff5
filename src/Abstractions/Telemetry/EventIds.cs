namespace Switchboard.Abstractions.Telemetry;

/// <summary>
/// Defines the number of every log event, for searches and alerts. Ranges: 1000 sessions, 2000 requests, 3000 grains, 4000 tasks, 5000 silo
/// and front door. A number is unique and never reused for something else.
/// </summary>
public static class EventIds
{
    /// <summary>An agent's session is open.</summary>
    public const int SessionOpened = 1000;

    /// <summary>A session has ended.</summary>
    public const int SessionEnded = 1001;

    /// <summary>A session could not be registered with its agent's grain.</summary>
    public const int SessionConnectFailed = 1002;

    /// <summary>A session's stream failed, which is usual where the agent has gone.</summary>
    public const int SessionStreamFailed = 1003;

    /// <summary>A connect could not be reported to the index.</summary>
    public const int SessionIndexUntold = 1004;

    /// <summary>A session could not be announced, or retired; the next announcement repeats it.</summary>
    public const int SessionAnnounceFailed = 1005;

    /// <summary>The end of a session could not be reported, after all retries.</summary>
    public const int SessionDisconnectReportFailed = 1006;

    /// <summary>The cluster could not be asked to connect a session; the connect is repeated.</summary>
    public const int SessionConnectRepeated = 1010;

    /// <summary>A pass over all sessions (heartbeats, announcements) failed.</summary>
    public const int SessionHeartbeatsFailed = 1007;

    /// <summary>The number of sessions that were opened in a second with too many for a line each.</summary>
    public const int SessionsOpened = 1008;

    /// <summary>The number of sessions that ended in a second with too many for a line each.</summary>
    public const int SessionsEnded = 1009;

    /// <summary>This front door holds more than its share of the cluster's sessions, and asks agents to connect anew.</summary>
    public const int SessionsMoving = 1011;

    /// <summary>An agent could not be looked up: its grain did not reply.</summary>
    public const int RequestRouteFailed = 2000;

    /// <summary>A request failed by a fault of the gateway.</summary>
    public const int RequestFaulted = 2001;

    /// <summary>A caller's stream failed.</summary>
    public const int RequestCallerStreamFailed = 2002;

    /// <summary>An attempt at a durable request failed by a fault of the gateway.</summary>
    public const int DurableFaulted = 2010;

    /// <summary>The grain of a durable request could not be told of its end; whoever waits looks once more.</summary>
    public const int DurableUnreported = 2011;

    /// <summary>A durable request could not be kept.</summary>
    public const int DurableNotAccepted = 2012;

    /// <summary>The state of a durable request could not be read for a caller that waited for its response; the caller gets 202.</summary>
    public const int DurableUnwatched = 2013;

    /// <summary>The grain of an agent could not be asked to have its durable requests delivered.</summary>
    public const int DurableNotAsked = 2014;

    /// <summary>The durable requests of an agent could not be read.</summary>
    public const int DurableLookFailed = 2015;

    /// <summary>How an attempt at a durable request ended could not be kept yet.</summary>
    public const int DurableNotKept = 2016;

    /// <summary>Durable requests are refused, because nothing that every process reaches keeps them.</summary>
    public const int DurableUnreachable = 2018;

    /// <summary>The grain of a durable request could not be told when it expires; the sweeper ends it.</summary>
    public const int DurableGrainNotTold = 2019;

    /// <summary>The database does not take durable requests.</summary>
    public const int DurableWritesFailed = 2020;

    /// <summary>The database takes durable requests again.</summary>
    public const int DurableWritesRecovered = 2021;

    /// <summary>The outcome of a commit of durable requests is unknown.</summary>
    public const int DurableCommitUnknown = 2022;

    /// <summary>A fresh activation of an agent's grain could not ask the registry for the front doors.</summary>
    public const int AgentRegistryUnanswered = 3000;

    /// <summary>A front door did not reply in time with the sessions of an agent that it holds.</summary>
    public const int AgentFrontDoorUnanswered = 3001;

    /// <summary>A fresh activation has asked the front doors.</summary>
    public const int AgentActivated = 3002;

    /// <summary>A front door could not be notified about a session; its next announcement or its end corrects that.</summary>
    public const int AgentObserverCallFailed = 3003;

    /// <summary>A session was displaced by a newer one.</summary>
    public const int AgentSessionDisplaced = 3004;

    /// <summary>An announcement was refused: a newer session is known.</summary>
    public const int AgentAnnouncementRefused = 3005;

    /// <summary>A session was kicked.</summary>
    public const int AgentSessionKicked = 3006;

    /// <summary>Sessions of one agent displace one another too fast: connects are slowed.</summary>
    public const int AgentDisplacementsSlowed = 3007;

    /// <summary>A pool has as many sessions as it may have.</summary>
    public const int AgentPoolFull = 3008;

    /// <summary>A front-door number was leased.</summary>
    public const int FrontDoorLeased = 3020;

    /// <summary>A front-door number was refused: another front door holds it.</summary>
    public const int FrontDoorRefused = 3021;

    /// <summary>A front-door number lapsed: its holder did not renew it.</summary>
    public const int FrontDoorLapsed = 3022;

    /// <summary>A front-door number was released.</summary>
    public const int FrontDoorReleased = 3023;

    /// <summary>A front door is gone: the cluster has declared its silo dead.</summary>
    public const int FrontDoorBuried = 3024;

    /// <summary>A front-door number was refused: the cluster has declared the holder's silo dead.</summary>
    public const int FrontDoorRefusedDead = 3025;

    /// <summary>The index was full and forgot an agent.</summary>
    public const int IndexEvicted = 3040;

    /// <summary>A front door is gone, and its agents are offline.</summary>
    public const int IndexFrontDoorGone = 3041;

    /// <summary>An agent's grain could not be told that a front door is gone.</summary>
    public const int IndexAgentUntold = 3042;

    /// <summary>A request's grain was activated.</summary>
    public const int RequestActivated = 3060;

    /// <summary>A request's grain was deactivated.</summary>
    public const int RequestDeactivated = 3061;

    /// <summary>A front door could not be asked about a request, or notified of its cancellation.</summary>
    public const int RequestObserverCallFailed = 3067;

    /// <summary>A reminder of a durable request could not be set or removed.</summary>
    public const int RequestReminderFailed = 3068;

    /// <summary>A durable request could not go on (a store or a grain did not reply); it is tried again soon.</summary>
    public const int RequestWakeFailed = 3070;

    /// <summary>Durable requests could not be swept (a store or a grain did not reply); it is tried again within a minute.</summary>
    public const int SweepFailed = 3074;

    /// <summary>Attempts of a front door that is gone were given up.</summary>
    public const int SweepReleased = 3075;

    /// <summary>The front door that has an attempt at a durable request could not be told of the request's end.</summary>
    public const int RequestEndNotTold = 3076;

    /// <summary>The sweeper of durable requests could not be started yet.</summary>
    public const int SweeperNotStarted = 3077;

    /// <summary>An applier threw: that one task failed.</summary>
    public const int TaskFailed = 4000;

    /// <summary>A queue's pump ended by a defect: its waiting tasks end with an outcome, and a fresh activation takes over.</summary>
    public const int TaskPumpDied = 4001;

    /// <summary>Outcomes of tasks could not be delivered to a front door.</summary>
    public const int TaskOutcomesUndelivered = 4002;

    /// <summary>A queue stopped.</summary>
    public const int TaskQueueStopped = 4003;

    /// <summary>This front door has a number.</summary>
    public const int FrontDoorNumberHeld = 5000;

    /// <summary>The front-door number is random.</summary>
    public const int FrontDoorRandomNumber = 5001;

    /// <summary>A front-door number is held by another front door.</summary>
    public const int FrontDoorNumberRefused = 5002;

    /// <summary>The registry of front doors did not reply.</summary>
    public const int FrontDoorLeaseFailed = 5003;

    /// <summary>The front-door number could not be released.</summary>
    public const int FrontDoorNotReleased = 5004;

    /// <summary>This front door, which had a number, has another one.</summary>
    public const int FrontDoorNumberChanged = 5005;

    /// <summary>The index of agents could not be told that a front door is gone.</summary>
    public const int FrontDoorIndexUntold = 5007;

    /// <summary>Renewals of front-door numbers could not be written down.</summary>
    public const int FrontDoorRenewalsNotWritten = 5008;

    /// <summary>A front door ended its sessions, because it could not renew its number for long.</summary>
    public const int FrontDoorFenced = 5009;

    /// <summary>Connections are refused, as there are as many as may be.</summary>
    public const int ConnectionsRefused = 5006;

    /// <summary>Another front door could not be looked up.</summary>
    public const int PeerUnknown = 5010;

    /// <summary>Another front door could not be reached.</summary>
    public const int PeerUnreachable = 5011;

    /// <summary>The connection to another front door was lost while it had a request.</summary>
    public const int PeerLost = 5012;

    /// <summary>Somebody who is no front door of the cluster has come to the peer port.</summary>
    public const int PeerRefused = 5013;

    /// <summary>Another front door is gone, and the calls that were open to it and from it end.</summary>
    public const int PeerGone = 5016;

    /// <summary>An agent's grain could not be told that callers wait for it at this front door.</summary>
    public const int ConnectWatchFailed = 5014;

    /// <summary>A front door ended its sessions, because the cluster has declared its silo dead.</summary>
    public const int FrontDoorDeclaredDead = 5015;

    /// <summary>A front door could not submit a task.</summary>
    public const int TaskSubmitFailed = 4050;

    /// <summary>A queue did not reply whether a task had begun.</summary>
    public const int TaskWithdrawFailed = 4051;

    /// <summary>A REST call failed by an unexpected exception.</summary>
    public const int HttpFailed = 5100;
}

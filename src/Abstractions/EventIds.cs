namespace Switchboard.Abstractions;

/// <summary>
/// The number of every log event, so that one can be searched for and alerted on. Ranges: 1000 sessions, 2000 requests, 3000 grains,
/// 4000 tasks, 5000 silo and front door. A number is unique and never used again for something else.
/// </summary>
public static class EventIds
{
    /// <summary>An agent's session is open.</summary>
    public const int SessionOpened = 1000;

    /// <summary>A session is over.</summary>
    public const int SessionEnded = 1001;

    /// <summary>A session could not be registered with its agent's grain.</summary>
    public const int SessionConnectFailed = 1002;

    /// <summary>A session's stream failed, as streams do whose agents have gone.</summary>
    public const int SessionStreamFailed = 1003;

    /// <summary>The index could not be told that an agent is connected.</summary>
    public const int SessionIndexUntold = 1004;

    /// <summary>A session could not be announced, or retired; the next announcement comes.</summary>
    public const int SessionAnnounceFailed = 1005;

    /// <summary>The end of a session could not be reported, however often it was tried.</summary>
    public const int SessionFarewellFailed = 1006;

    /// <summary>A look over all sessions failed.</summary>
    public const int SessionPulseFailed = 1007;

    /// <summary>How many sessions were opened in a second that had too many for a line each.</summary>
    public const int SessionsOpened = 1008;

    /// <summary>How many sessions ended in a second that had too many for a line each.</summary>
    public const int SessionsEnded = 1009;

    /// <summary>An agent could not be looked up: its grain did not answer.</summary>
    public const int RequestRouteFailed = 2000;

    /// <summary>A request failed by a fault of the gateway.</summary>
    public const int RequestFaulted = 2001;

    /// <summary>A caller's stream failed.</summary>
    public const int RequestCallerStreamFailed = 2002;

    /// <summary>An attempt at a durable request failed by a fault of the gateway.</summary>
    public const int DurableFaulted = 2010;

    /// <summary>The outcome of an attempt could not be reported to the request's grain.</summary>
    public const int DurableUnreported = 2011;

    /// <summary>A durable request could not be given to its grain.</summary>
    public const int DurableNotAccepted = 2012;

    /// <summary>A caller that waited for a durable answer could not be told how it stands; it is told that its request is kept.</summary>
    public const int DurableUnwatched = 2013;

    /// <summary>A fresh activation of an agent's grain could not ask the registry for the front doors.</summary>
    public const int AgentRegistryUnanswered = 3000;

    /// <summary>A front door did not say in time which sessions of an agent it holds.</summary>
    public const int AgentFrontDoorUnanswered = 3001;

    /// <summary>A fresh activation has asked the front doors.</summary>
    public const int AgentActivated = 3002;

    /// <summary>A front door could not be told something about a session; its next announcement or its end mends it.</summary>
    public const int AgentLaneUntold = 3003;

    /// <summary>A session was displaced by a newer one.</summary>
    public const int AgentSessionDisplaced = 3004;

    /// <summary>An announcement was refused: a newer session is known.</summary>
    public const int AgentAnnouncementRefused = 3005;

    /// <summary>A session was kicked.</summary>
    public const int AgentSessionKicked = 3006;

    /// <summary>Sessions of one agent displace one another too fast: connects are slowed.</summary>
    public const int AgentDisplacementsSlowed = 3007;

    /// <summary>A pool has as many sessions as it takes.</summary>
    public const int AgentPoolFull = 3008;

    /// <summary>A front-door number was leased.</summary>
    public const int FrontDoorLeased = 3020;

    /// <summary>A front-door number was refused: somebody else holds it.</summary>
    public const int FrontDoorRefused = 3021;

    /// <summary>A front-door number lapsed: its holder has not renewed it.</summary>
    public const int FrontDoorLapsed = 3022;

    /// <summary>A front-door number was given back.</summary>
    public const int FrontDoorReleased = 3023;

    /// <summary>The index was full and forgot an agent.</summary>
    public const int IndexEvicted = 3040;

    /// <summary>A request's grain was activated.</summary>
    public const int RequestActivated = 3060;

    /// <summary>A request's grain was deactivated.</summary>
    public const int RequestDeactivated = 3061;

    /// <summary>A durable request was accepted.</summary>
    public const int RequestAccepted = 3062;

    /// <summary>An attempt at a durable request begins.</summary>
    public const int RequestAttempt = 3063;

    /// <summary>An attempt at a durable request came to nothing; there will be another one.</summary>
    public const int RequestRetried = 3064;

    /// <summary>A durable request ended.</summary>
    public const int RequestEnded = 3065;

    /// <summary>A durable request and its answer were forgotten, as their time was over.</summary>
    public const int RequestForgotten = 3066;

    /// <summary>A front door could not be asked about a request, or told of its cancellation.</summary>
    public const int RequestLaneUntold = 3067;

    /// <summary>A reminder of a durable request could not be set or removed.</summary>
    public const int RequestReminderFailed = 3068;

    /// <summary>Nobody took a durable request; there will be another try.</summary>
    public const int RequestNotTaken = 3069;

    /// <summary>A durable request could not go on (a store or a grain did not answer); it is tried again soon.</summary>
    public const int RequestWakeFailed = 3070;

    /// <summary>An applier threw: that one task failed.</summary>
    public const int TaskFailed = 4000;

    /// <summary>A queue's pump died, which it must not: its waiting tasks are answered, and a fresh activation takes over.</summary>
    public const int TaskPumpDied = 4001;

    /// <summary>A front door could not be told outcomes of its tasks.</summary>
    public const int TaskOutcomesUndelivered = 4002;

    /// <summary>A queue stopped.</summary>
    public const int TaskQueueStopped = 4003;

    /// <summary>This front door has a number.</summary>
    public const int FrontDoorNumberHeld = 5000;

    /// <summary>The front-door number is random.</summary>
    public const int FrontDoorRandomNumber = 5001;

    /// <summary>A front-door number belongs to somebody else.</summary>
    public const int FrontDoorNumberRefused = 5002;

    /// <summary>The registry of front doors did not answer.</summary>
    public const int FrontDoorLeaseFailed = 5003;

    /// <summary>The front-door number could not be given back.</summary>
    public const int FrontDoorNotReleased = 5004;

    /// <summary>This front door, which had a number, has another one.</summary>
    public const int FrontDoorNumberChanged = 5005;

    /// <summary>Connections are refused, as there are as many as may be.</summary>
    public const int ConnectionsRefused = 5006;

    /// <summary>A front door could not submit a task.</summary>
    public const int TaskSubmitFailed = 4050;

    /// <summary>A queue did not say whether a task had begun.</summary>
    public const int TaskWithdrawFailed = 4051;

    /// <summary>A REST call failed in a way that nobody has thought of.</summary>
    public const int HttpFailed = 5100;
}

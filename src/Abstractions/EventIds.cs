namespace Switchboard.Abstractions;

/// <summary>
/// The number of every log event, so that one can be searched for and alerted on. Ranges: 1000 sessions, 2000 requests, 3000 grains,
/// 4000 tasks, 5000 silo and front door. A number is unique and never used again for something else.
/// </summary>
public static class EventIds
{
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
}

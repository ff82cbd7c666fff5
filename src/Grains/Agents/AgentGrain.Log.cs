using Microsoft.Extensions.Logging;
using Switchboard.Abstractions;
using Switchboard.Core.Agents;

namespace Switchboard.Grains.Agents;

internal sealed partial class AgentGrain
{
    // These two come once for each agent of a fleet: a registry or a front door that is away is said by those who renew leases.
    [LoggerMessage(EventIds.AgentRegistryUnanswered, LogLevel.Debug,
        "Agent {Agent}: the registry of front doors did not answer; its sessions are known again when they are announced.",
        EventName = nameof(EventIds.AgentRegistryUnanswered))]
    private partial void LogRegistryUnanswered(Exception exception, string agent);

    [LoggerMessage(EventIds.AgentFrontDoorUnanswered, LogLevel.Debug,
        "Agent {Agent}: front door {FrontDoor} ({Name}) did not say what it holds; its sessions are known again when they are announced.",
        EventName = nameof(EventIds.AgentFrontDoorUnanswered))]
    private partial void LogFrontDoorUnanswered(Exception exception, string agent, ushort frontDoor, string name);

    [LoggerMessage(EventIds.AgentActivated, LogLevel.Debug,
        "Agent {Agent}: activated; {FrontDoors} front doors asked, {Sessions} sessions found.",
        EventName = nameof(EventIds.AgentActivated))]
    private partial void LogActivated(string agent, int frontDoors, int sessions);

    [LoggerMessage(EventIds.AgentLaneUntold, LogLevel.Debug,
        "Agent {Agent}: a front door could not be told about a session.", EventName = nameof(EventIds.AgentLaneUntold))]
    private partial void LogLaneUntold(Exception exception, string agent);

    [LoggerMessage(EventIds.AgentSessionDisplaced, LogLevel.Debug,
        "Agent {Agent}: session {Session} displaced by {By}.", EventName = nameof(EventIds.AgentSessionDisplaced))]
    private partial void LogDisplaced(string agent, SessionId session, SessionId by);

    [LoggerMessage(EventIds.AgentSessionKicked, LogLevel.Debug,
        "Agent {Agent}: session {Session} kicked.", EventName = nameof(EventIds.AgentSessionKicked))]
    private partial void LogKicked(string agent, SessionId session);

    [LoggerMessage(EventIds.AgentDisplacementsSlowed, LogLevel.Warning,
        "Agent {Agent}: its sessions displace one another too fast, as they do where two processes use one id; from now on each connect "
        + "waits up to {Wait}. Said once until it has stopped.",
        EventName = nameof(EventIds.AgentDisplacementsSlowed))]
    private partial void LogSlowed(string agent, TimeSpan wait);

    [LoggerMessage(EventIds.AgentPoolFull, LogLevel.Debug,
        "Agent {Agent}: another session was refused: the pool has {Sessions}, as many as it takes.",
        EventName = nameof(EventIds.AgentPoolFull))]
    private partial void LogPoolFull(string agent, int sessions);

    [LoggerMessage(EventIds.AgentAnnouncementRefused, LogLevel.Debug,
        "Agent {Agent}: session {Session} (connect number {ConnectNumber}) is not taken: a newer one is known, or it had ended.",
        EventName = nameof(EventIds.AgentAnnouncementRefused))]
    private partial void LogAnnouncementRefused(string agent, SessionId session, long connectNumber);
}

using Orleans.CodeGeneration;
using Switchboard.Abstractions.FrontDoors;

namespace Switchboard.Abstractions.Agents;

/// <summary>
/// Represents one agent; key <c>tenant/agent_id</c>. Its turns order connects, disconnects and dispatches. Every turn replies from memory
/// and awaits no other grain; only the activation asks the front doors once for their sessions (at most 1 s).
/// </summary>
[Alias(Names.Interfaces.Agent), Version(Versions.Agent)]
public interface IAgentGrain : IGrainWithStringKey
{
    /// <summary>
    /// Makes the session one that gets the agent's requests. Policy <c>latest</c>: it displaces the older ones, unless they displace one
    /// another too often. Policy <c>pool</c>: it is added to them, if there is room.
    /// </summary>
    [Alias("Connect"), ResponseTimeout(CallBounds.Turn)]
    Task<SessionConnected> Connect(SessionConnect connect);

    /// <summary>
    /// Keeps a session known. Never displaces: a known session is refreshed, one with a lower connect number than a known one is refused,
    /// and an empty table accepts it.
    /// </summary>
    /// <returns>Null if the session is known. Otherwise the reason why it has ended, by which the front door ends it.</returns>
    [Alias("Announce"), ResponseTimeout(CallBounds.Turn)]
    Task<SessionEndReason?> Announce(SessionAnnouncement announcement);

    /// <summary>Removes that session, and no other: a late disconnect of an older session changes nothing.</summary>
    [Alias("Disconnect"), ResponseTimeout(CallBounds.Turn)]
    Task Disconnect(ulong session);

    /// <summary>
    /// Ends every known session, retiring ones included, with <c>go_away kicked</c>. Front doors are notified without waiting for them.
    /// </summary>
    /// <returns>The sessions that were ended. The caller ends those that it holds itself.</returns>
    [Alias("Kick"), ResponseTimeout(CallBounds.Turn)]
    Task<IReadOnlyList<ulong>> Kick();

    /// <summary>
    /// Marks a session that was sent <c>go_away</c>: it gets requests only while its agent has no other session, and keeps what it has.
    /// </summary>
    [Alias("Retire"), ResponseTimeout(CallBounds.Turn)]
    Task Retire(ulong session);

    /// <summary>
    /// Has a front door told when the agent connects, or now, where it is connected: callers wait for it there. Forgotten after 30 s, unless
    /// it is said again.
    /// </summary>
    [Alias("Watch"), ResponseTimeout(CallBounds.Turn)]
    Task Watch(ushort frontDoor, IFrontDoorObserver observer);

    /// <summary>Forgets the sessions of a front door that is gone. What it holds all the same, it announces under its next number.</summary>
    [Alias("FrontDoorGone"), ResponseTimeout(CallBounds.Turn)]
    Task FrontDoorGone(ushort frontDoor);

    /// <summary>Returns the sessions that a request may go to now.</summary>
    [Alias("Route"), ResponseTimeout(CallBounds.Turn)]
    Task<RouteResult> Route();

    /// <summary>
    /// Removes a session that its front door has just denied to hold: a front door knows a session before it connects it, so one that it
    /// does not know has ended.
    /// </summary>
    [Alias("SessionGone"), ResponseTimeout(CallBounds.Turn)]
    Task SessionGone(ulong session);

    /// <summary>
    /// Has the agent's durable requests delivered by the front doors of its sessions, without waiting for them. Does nothing while it is
    /// offline: its next session looks for them when it connects.
    /// </summary>
    [Alias("Deliver"), ResponseTimeout(CallBounds.Turn)]
    Task Deliver();

    /// <summary>Returns what is known of the agent.</summary>
    [Alias("GetStatus"), ResponseTimeout(CallBounds.Turn)]
    Task<AgentStatus> GetStatus();
}

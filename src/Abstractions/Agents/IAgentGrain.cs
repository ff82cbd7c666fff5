using Orleans.CodeGeneration;

namespace Switchboard.Abstractions.Agents;

/// <summary>
/// One agent; key <c>tenant/agent_id</c>. Its turns give connect, disconnect and dispatch an order. Every turn answers from
/// memory and awaits nobody; only the activation asks the front doors once what they hold (at most 1 s).
/// </summary>
[Alias(Names.Interfaces.Agent), Version(Versions.Agent)]
public interface IAgentGrain : IGrainWithStringKey
{
    /// <summary>
    /// Gives the session the agent's requests. Policy <c>latest</c>: it displaces the older ones, unless they do so too often. Policy
    /// <c>pool</c>: it stands beside them, if there is room.
    /// </summary>
    [Alias("Connect"), ResponseTimeout(CallBounds.Turn)]
    Task<SessionConnected> Connect(SessionConnect connect);

    /// <summary>
    /// Keeps a session known. Never displaces: the same session is refreshed, a lower connect number than a known one is refused,
    /// an empty table takes it.
    /// </summary>
    /// <returns>Null: it is known. Else it is over for this reason, and the front door ends it.</returns>
    [Alias("Announce"), ResponseTimeout(CallBounds.Turn)]
    Task<SessionEndReason?> Announce(SessionAnnouncement announcement);

    /// <summary>Forgets that session, and only that one: a late disconnect of an older session changes nothing.</summary>
    [Alias("Disconnect"), ResponseTimeout(CallBounds.Turn)]
    Task Disconnect(ulong session);

    /// <summary>
    /// Ends every session that is known, retiring ones too, with <c>go_away kicked</c>. Front doors are told without waiting for them.
    /// </summary>
    /// <returns>The sessions. The caller ends at once those that it holds itself.</returns>
    [Alias("Kick"), ResponseTimeout(CallBounds.Turn)]
    Task<IReadOnlyList<ulong>> Kick();

    /// <summary>The session was told to go away: it gets requests only while its agent has no other, and keeps what it has.</summary>
    [Alias("Retire"), ResponseTimeout(CallBounds.Turn)]
    Task Retire(ulong session);

    /// <summary>Where a request may go now.</summary>
    /// <param name="refused">
    /// A session whose front door has just said that it does not exist, or 0. It is forgotten: a front door knows a session
    /// before it connects it, so one that it does not know has ended.
    /// </param>
    [Alias("Route"), ResponseTimeout(CallBounds.Turn)]
    Task<RouteResult> Route(ulong refused);

    /// <summary>What is known of the agent.</summary>
    [Alias("GetStatus"), ResponseTimeout(CallBounds.Turn)]
    Task<AgentStatus> GetStatus();
}

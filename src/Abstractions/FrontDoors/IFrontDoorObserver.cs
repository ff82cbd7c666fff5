using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Tasks;

namespace Switchboard.Abstractions.FrontDoors;

/// <summary>
/// Receives the calls of grains and of other front doors at one front door, which has several observers. Calls to one observer run one at a
/// time, so every method returns at once and never waits. The front door holds its observers strongly: Orleans keeps them by weak
/// reference.
/// </summary>
[Alias(Names.Interfaces.FrontDoorObserver)]
public interface IFrontDoorObserver : IGrainObserver
{
    /// <summary>
    /// Returns the sessions of this agent that are open here. A fresh activation of the agent's grain calls this at every front door.
    /// </summary>
    /// <param name="agentKey">The agent's grain key.</param>
    [Alias("HeldSessions"), ResponseTimeout(CallBounds.Turn)]
    Task<IReadOnlyList<SessionAnnouncement>> HeldSessions(string agentKey);

    /// <summary>Requests an announcement of every session of the agent soon: the grain activation that knew them goes away.</summary>
    /// <param name="agentKey">The agent's grain key.</param>
    [Alias("AnnounceAgain"), ResponseTimeout(CallBounds.Turn)]
    Task AnnounceAgain(string agentKey);

    /// <summary>Ends a session here that was displaced or kicked. Unknown sessions are ignored.</summary>
    [Alias("EndSession"), ResponseTimeout(CallBounds.Turn)]
    Task EndSession(SessionEnd ended);

    /// <summary>
    /// Notes that the agent of a session here, which was sent <c>go_away</c>, has another session, so that this one takes no more requests.
    /// Unknown sessions are ignored.
    /// </summary>
    [Alias("Succeeded"), ResponseTimeout(CallBounds.Turn)]
    Task Succeeded(ulong session);

    /// <summary>Notifies that an agent has connected for which callers wait here, as this front door had reported.</summary>
    /// <param name="agentKey">The agent's grain key.</param>
    [Alias("AgentConnected"), ResponseTimeout(CallBounds.Turn)]
    Task AgentConnected(string agentKey);

    /// <summary>Has the agent's durable requests delivered by its sessions here.</summary>
    /// <param name="agentKey">The agent's grain key.</param>
    [Alias("Deliver"), ResponseTimeout(CallBounds.Turn)]
    Task Deliver(string agentKey);

    /// <summary>Describes a request that this front door holds or remembers; null if it knows none by that id.</summary>
    [Alias("Describe"), ResponseTimeout(CallBounds.Turn)]
    Task<RequestReport?> Describe(ulong requestId);

    /// <summary>Cancels a request that is open here. False if there is none.</summary>
    [Alias("CancelRequest"), ResponseTimeout(CallBounds.Turn)]
    Task<bool> CancelRequest(ulong requestId);

    /// <summary>Notifies the front door that a durable request which it watches has ended. Ignored if no caller waits for it.</summary>
    [Alias("RequestEnded"), ResponseTimeout(CallBounds.Turn)]
    Task RequestEnded(ulong requestId);

    /// <summary>Delivers outcomes of tasks that this front door waits for; unknown ids are late and only counted.</summary>
    [Alias("TaskOutcomes"), ResponseTimeout(CallBounds.Turn)]
    Task TaskOutcomes(IReadOnlyList<TaskOutcome> outcomes);
}

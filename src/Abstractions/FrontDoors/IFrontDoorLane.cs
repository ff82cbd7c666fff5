using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Tasks;

namespace Switchboard.Abstractions.FrontDoors;

/// <summary>
/// One lane of a front door: how grains and other front doors reach it. Calls to one lane run one at a time, so a lane takes
/// what it is given, answers at once and never waits. The front door holds its lanes strongly: Orleans keeps them by weak reference.
/// </summary>
[Alias(Names.Interfaces.FrontDoorLane)]
public interface IFrontDoorLane : IGrainObserver
{
    /// <summary>
    /// Which sessions of this agent are open here. A fresh activation of the agent's grain asks this of every front door.
    /// </summary>
    /// <param name="agentKey">The agent's grain key.</param>
    [Alias("HeldSessions"), ResponseTimeout(CallBounds.Turn)]
    Task<IReadOnlyList<SessionAnnouncement>> HeldSessions(string agentKey);

    /// <summary>Announce every session soon: the grain that knew them goes away.</summary>
    /// <param name="agentKey">The agent's grain key.</param>
    [Alias("AnnounceAgain"), ResponseTimeout(CallBounds.Turn)]
    Task AnnounceAgain(string agentKey);

    /// <summary>A session here is over by somebody else's word (displaced, kicked). Unknown sessions are ignored.</summary>
    [Alias("EndSession"), ResponseTimeout(CallBounds.Turn)]
    Task EndSession(SessionEnd ended);

    /// <summary>
    /// A session here that was told to go away need not take requests any more: its agent has another one. Unknown sessions are ignored.
    /// </summary>
    [Alias("Succeeded"), ResponseTimeout(CallBounds.Turn)]
    Task Succeeded(ulong session);

    /// <summary>Hand a durable request to one of this front door's sessions.</summary>
    [Alias("HandOver"), ResponseTimeout(CallBounds.Turn)]
    Task<HandOverResult> HandOver(RequestEnvelope envelope);

    /// <summary>What this front door knows of a request of its own; null where it knows nothing.</summary>
    [Alias("Describe"), ResponseTimeout(CallBounds.Turn)]
    Task<RequestReport?> Describe(ulong requestId);

    /// <summary>Cancel a request that is open here. False where there is none.</summary>
    [Alias("CancelRequest"), ResponseTimeout(CallBounds.Turn)]
    Task<bool> CancelRequest(ulong requestId);

    /// <summary>A durable request, whose end this front door asked to be told of, has ended. One that nobody waits for is ignored.</summary>
    [Alias("RequestEnded"), ResponseTimeout(CallBounds.Turn)]
    Task RequestEnded(ulong requestId);

    /// <summary>Outcomes of tasks that this front door waits for; unknown ids are late and only counted.</summary>
    [Alias("TaskOutcomes"), ResponseTimeout(CallBounds.Turn)]
    Task TaskOutcomes(IReadOnlyList<TaskOutcome> outcomes);
}

using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Tasks;
using Switchboard.Api.Durable;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;
using Switchboard.Api.Tasks;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Peers;

/// <summary>
/// Implements the calls of grains and other front doors. Calls to one observer run one at a time, so nothing here waits: it returns from
/// memory.
/// </summary>
internal sealed class FrontDoorObserver(
    IFrontDoor frontDoor, SessionRegistry sessions, InFlightRequests requests, DurableDelivery durable, DurableWaits waits, ConnectWaiters waiters,
    TaskSubmitter tasks) : IFrontDoorObserver
{
    public Task<IReadOnlyList<SessionAnnouncement>> HeldSessions(string agentKey) =>
        Task.FromResult(sessions.Held(AgentKey.Parse(agentKey), frontDoor.Number, frontDoor.Observer));

    public Task AnnounceAgain(string agentKey)
    {
        sessions.AnnounceAgain(AgentKey.Parse(agentKey));
        return Task.CompletedTask;
    }

    public Task EndSession(SessionEnd ended)
    {
        sessions.Find(ended.Session)?.End(SessionEndCauses.CauseOf(ended.Reason));
        return Task.CompletedTask;
    }

    public Task Succeeded(ulong session)
    {
        sessions.Find(session)?.Succeeded();
        return Task.CompletedTask;
    }

    public Task AgentConnected(string agentKey)
    {
        waiters.AgentCame(AgentKey.Parse(agentKey));
        return Task.CompletedTask;
    }

    public Task Deliver(string agentKey)
    {
        durable.WakeHere(AgentKey.Parse(agentKey));
        return Task.CompletedTask;
    }

    public Task<RequestReport?> Describe(ulong requestId) => Task.FromResult(requests.Describe(new RequestId(requestId)));

    public Task<bool> CancelRequest(ulong requestId) => Task.FromResult(
        requests.TryFind(requestId, out var request) && request.End(Verdict.CallerCancelled, "cancelled"));

    public Task RequestEnded(ulong requestId)
    {
        waits.Ended(requestId);
        return Task.CompletedTask;
    }

    public Task TaskOutcomes(IReadOnlyList<TaskOutcome> outcomes)
    {
        tasks.Complete(outcomes);
        return Task.CompletedTask;
    }
}

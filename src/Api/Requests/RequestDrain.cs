using Switchboard.Api.FrontDoors;

namespace Switchboard.Api.Requests;

/// <summary>
/// Stops the requests. Registered before the sessions' part: a session that ends returns what it had not sent, to be routed again.
/// </summary>
internal sealed class RequestDrain(InFlightRequests requests, ConnectWaiters waiters) : IFrontDoorParticipant
{
    /// <summary>Ends the waits for agents, because no session is accepted any more.</summary>
    public Task DrainAsync(CancellationToken drainEnded)
    {
        waiters.EndAll();
        return Task.CompletedTask;
    }

    public void EndAll() => requests.EndAll();
}

using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Peers;

/// <summary>Hands requests to the front doors that hold their sessions.</summary>
internal sealed class RemoteFrontDoors(PeerDirectory directory, PeerConnections connections, PeerCalls calls, ILogger<PeerHop> logger) : IRemoteFrontDoors
{
    public bool HandOver(LiveRequest request, RouteTo<AgentSession> target, RequestDispatch<AgentSession> dispatch)
    {
        var hop = new PeerHop(request, new(target.SessionId), target.FrontDoor, dispatch, directory, connections, calls, logger);
        if (!request.Assign(hop))
        {
            return false;
        }

        // Nobody awaits it: the request's own end does, and ends it.
        _ = hop.RunAsync();
        return true;
    }
}

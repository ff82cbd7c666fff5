using Switchboard.Api.Sessions;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Requests;

/// <summary>The other front doors of the cluster.</summary>
internal interface IRemoteFrontDoors
{
    /// <summary>
    /// Hands a request to the front door that holds its session, without waiting. The response comes through the request; one that comes
    /// back unsent is said to <paramref name="dispatch"/> first, which belongs to the other side until then.
    /// </summary>
    /// <returns>False: the request has ended.</returns>
    bool HandOver(LiveRequest request, RouteTo<AgentSession> target, RequestDispatch<AgentSession> dispatch);
}

using Switchboard.Core.Requests;

namespace Switchboard.Api.Requests;

/// <summary>
/// Hands a request to the front door that holds its agent's session, and brings the answer back. One process has one front door, so
/// there is none to hand it to yet: it ends unsent, and the caller may try again. Relaying between front doors takes its place here.
/// </summary>
internal static class RemoteFrontDoor
{
    /// <summary>Hands it over. False: the request has ended.</summary>
    /// <param name="request">The request.</param>
    /// <param name="frontDoor">Which one holds the session.</param>
    /// <param name="stopping">This process stops: the agent has gone elsewhere for that, and the caller finds it there.</param>
    public static bool HandOver(LiveRequest request, ushort frontDoor, bool stopping)
    {
        request.End(
            stopping ? Verdict.Draining : Verdict.AgentOffline,
            $"the agent is connected to front door {frontDoor}, and requests are not passed on between front doors; it was not sent");
        return false;
    }
}

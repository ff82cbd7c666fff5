using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.V1;

namespace Switchboard.Api.Sessions;

/// <summary>Represents an outbound request, as its session sees it.</summary>
internal interface IOutboundRequest : ISessionRequest<IOutboundRequest>
{
    /// <summary>Gets the request's id.</summary>
    RequestId Id { get; }

    /// <summary>Returns the message to write; called by the session's writer loop right before the write.</summary>
    /// <returns>
    /// The message; null if none is to be written, because its deadline has passed, it has ended, or it is assigned to another session.
    /// </returns>
    AgentRequest? TrySend(AgentSession session);

    /// <summary>Returns whether it was sent to that session and has not ended.</summary>
    bool IsAt(AgentSession session);

    /// <summary>Notes that the session that held it has ended.</summary>
    void SessionEnded(AgentSession session);
}

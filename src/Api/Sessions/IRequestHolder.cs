using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Sessions;

/// <summary>What a request was given to: a session of this front door, or the front door that holds its session.</summary>
internal interface IRequestHolder
{
    /// <summary>Gets the session that the request is for.</summary>
    SessionId Id { get; }

    /// <summary>Notes that the request has ended. Does nothing where it holds none.</summary>
    void Release(IOutboundRequest request);

    /// <summary>Says that nobody waits for the request's response any more.</summary>
    void Cancel(RequestId request, Verdict verdict);
}

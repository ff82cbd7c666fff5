using Grpc.Core;
using Switchboard.Core.Ids;
using Switchboard.V1;

namespace Switchboard.Api.Grpc;

/// <summary>How a response call ended that was passed on.</summary>
/// <param name="Error">Null: the response was accepted. Otherwise the error for the agent.</param>
internal readonly record struct RelayedResponse(GrpcError? Error);

/// <summary>Responses to requests of other front doors.</summary>
internal interface IRemoteResponses
{
    /// <summary>Passes an agent's response call on to the front door that the request's id names, once.</summary>
    /// <returns>Null: no other front door has that number, and nothing was read.</returns>
    Task<RelayedResponse?> TryRelayAsync(RequestId id, string? sessionId, IAsyncStreamReader<AgentResponse> messages, CancellationToken agentGone);
}

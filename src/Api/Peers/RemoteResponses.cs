using Grpc.Core;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Grpc;
using Switchboard.Core.Ids;
using Switchboard.V1;

namespace Switchboard.Api.Peers;

/// <summary>
/// Passes on response calls of agents that came to this front door, though the request is another's: a balancer may part an agent's calls.
/// Messages are read from the agent no faster than the other front door takes them.
/// </summary>
internal sealed class RemoteResponses(PeerDirectory directory, PeerConnections connections, IFrontDoor frontDoor) : IRemoteResponses
{
    public async Task<RelayedResponse?> TryRelayAsync(
        RequestId id, string? sessionId, IAsyncStreamReader<AgentResponse> messages, CancellationToken agentGone)
    {
        if (await FindAsync(id) is not { } peer)
        {
            return null;
        }

        var metadata = new Metadata { { CallMetadata.RequestId, id.ToString() } };
        if (sessionId is not null)
        {
            metadata.Add(CallMetadata.SessionId, sessionId);
        }

        var connection = connections.Enter(peer);
        try
        {
            using var call = connection.Client.AgentResponsePublish(metadata, cancellationToken: agentGone);
            await CopyAsync(messages, call, agentGone);
            await call.ResponseAsync;
            return new(Error: null);
        }
        catch (RpcException e)
        {
            return new(new GrpcError(e.Status, e.Trailers));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The agent has gone, and the call to the other front door is reset by it.
            return new(new GrpcError(StatusCode.Cancelled, "The response broke off"));
        }
        finally
        {
            connection.Exit();
        }
    }

    // Ends with the agent's messages, or when the other front door has said how the call ends: then its status tells.
    private static async Task CopyAsync(
        IAsyncStreamReader<AgentResponse> messages, AsyncClientStreamingCall<AgentResponse, Empty> call, CancellationToken agentGone)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(agentGone);
        _ = EndAsync();
        try
        {
            while (await messages.MoveNext(ended.Token))
            {
                await call.RequestStream.WriteAsync(messages.Current, CancellationToken.None);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException && !agentGone.IsCancellationRequested)
        {
            // The other front door has ended the call.
        }

        async Task EndAsync()
        {
            try
            {
                await call.ResponseAsync;
            }
            catch (RpcException)
            {
                // Whoever awaits the response reads it.
            }

            try
            {
                await ended.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // The copy is over.
            }
        }
    }

    private async ValueTask<FrontDoorLease?> FindAsync(RequestId id)
    {
        if (!frontDoor.IsClustered || id.IsDurable || id.FrontDoor == frontDoor.Number)
        {
            return null;
        }

        try
        {
            return await directory.FindAsync(id.FrontDoor);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            return null;
        }
    }
}

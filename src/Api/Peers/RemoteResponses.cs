using Grpc.Core;
using Switchboard.Abstractions.Durable;
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
internal sealed class RemoteResponses(PeerDirectory directory, PeerConnections connections, PeerCalls calls, IRequestLog log, IFrontDoor frontDoor)
    : IRemoteResponses
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

        using var relay = new Relay(agentGone);
        calls.Add(peer.Number, relay);
        var connection = connections.Enter(peer);
        try
        {
            if (directory.IsGone(peer.Number))
            {
                relay.FrontDoorGone();
            }

            using var call = connection.Client.AgentResponsePublish(metadata, cancellationToken: relay.Ends);
            await CopyAsync(messages, call, agentGone);
            await call.ResponseAsync;
            return new(Error: null);
        }
        catch (RpcException) when (relay.IsGone)
        {
            return new(new GrpcError(StatusCode.Cancelled, "The request's front door is gone"));
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
            calls.Remove(peer.Number, relay);
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
        if (!frontDoor.IsClustered)
        {
            return null;
        }

        try
        {
            var number = id.IsDurable ? await FindClaimAsync(id) : id.FrontDoor;
            return number == 0 || number == frontDoor.Number ? null : await directory.FindAsync(number);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException or StorageUnavailableException)
        {
            return null;
        }
    }

    // The id of a durable request names no front door: the log says which one has claimed the attempt. 0: none.
    private async Task<ushort> FindClaimAsync(RequestId id) =>
        await log.FindAsync(id.Value, CancellationToken.None) is { State: LoggedState.Claimed } request ? request.FrontDoor : (ushort)0;

    /// <summary>Ends the call to the other front door: when the agent's call ends, or when that front door is gone.</summary>
    private sealed class Relay(CancellationToken agentGone) : IPeerCall, IDisposable
    {
        private readonly CancellationTokenSource _ends = CancellationTokenSource.CreateLinkedTokenSource(agentGone);
        private volatile bool _gone;

        public CancellationToken Ends => _ends.Token;

        public bool IsGone => _gone;

        public void FrontDoorGone()
        {
            _gone = true;
            try
            {
                _ = _ends.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // The call has ended.
            }
        }

        public void Dispose() => _ends.Dispose();
    }
}

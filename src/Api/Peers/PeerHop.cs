using System.Globalization;
using Grpc.Core;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Grpc;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Peers;

/// <summary>
/// One request's way over the front door that holds its session: a call to that one's peer port, whose messages are read into the request
/// as an agent's response call is.
/// </summary>
/// <remarks>
/// What was sent: unsent is only what the other side says was not sent, and what never reached it (<see cref="PeerFailure"/>). Everything
/// else that breaks after the call was begun is <see cref="Verdict.AgentDisconnected"/>, and is not tried again.
/// </remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Reliability", "CA1001", Justification = "Without a timer it holds nothing; and who ends the request may come to cancel it after the call has ended.")]
internal sealed partial class PeerHop(
    LiveRequest request, SessionId session, ushort frontDoor, RequestDispatch<AgentSession> dispatch, PeerDirectory directory,
    PeerConnections connections, ILogger<PeerHop> logger) : IRequestHolder
{
    private readonly CancellationTokenSource _cancel = new();

    private string LostDetail => $"the connection to front door {frontDoor}, which holds the agent's session, was lost";

    public SessionId Id => session;

    /// <summary>Ends the call: the request may have ended by a response that its agent gave here, of which the other side hears nothing.</summary>
    public void Release(IOutboundRequest request) => _ = _cancel.CancelAsync();

    /// <summary>Resets the call, which the other front door hears as its caller's going. Not on this thread: it is the client's code that runs.</summary>
    public void Cancel(RequestId request, Verdict verdict) => _ = _cancel.CancelAsync();

    /// <summary>Runs the call to its end, and says to the request what became of it. Never throws.</summary>
    public async Task RunAsync()
    {
        // Not on the thread of the caller's side, which waits for the request and not for this.
        await Task.Yield();
        FrontDoorLease? peer;
        try
        {
            peer = await directory.FindAsync(frontDoor);
        }
        catch (Exception e)
        {
            Log.Unknown(logger, frontDoor, e);
            GiveBackUnassigned(Verdict.Unavailable, "the registry of front doors did not answer");
            return;
        }

        if (directory.IsGone(frontDoor))
        {
            // Its grain has not heard of that, and hears it with the next look-up.
            GiveBackUnassigned(Verdict.AgentOffline, "its front door is gone");
        }
        else if (peer is null)
        {
            GiveBackUnassigned(Verdict.Unavailable, $"front door {frontDoor}, which holds the agent's session, is not registered, or speaks another protocol");
        }
        else if (request.TryHandOver(this) is { } message)
        {
            await CallAsync(peer, message);
        }
    }

    private async Task CallAsync(FrontDoorLease peer, AgentRequest message)
    {
        var connection = connections.Enter(peer);
        ResponseCall? response = null;
        try
        {
            using var call = connection.Client.AgentRequestPublish(message, Metadata(), cancellationToken: _cancel.Token);
            while (await call.ResponseStream.MoveNext(_cancel.Token))
            {
                if (response is null && (response = Begin()) is null)
                {
                    return;
                }

                var received = call.ResponseStream.Current;
                // Read no further until the caller has taken some of it.
                if (!await request.PushAsync(response, received, received.CalculateSize()))
                {
                    return;
                }
            }

            response ??= Begin();
            if (response is not null)
            {
                await request.CompleteAsync(response);
            }
        }
        catch (RpcException e)
        {
            Failed(peer, PeerFailure.Of(e, connection.WasEstablished), response, e);
        }
        catch (Exception e)
        {
            Failed(peer, PeerFailure.Lost, response, e);
        }
        finally
        {
            connection.Exit();
        }
    }

    private ResponseCall? Begin()
    {
        request.HandedOver();
        request.BeginResponse(session.Value.ToString(CultureInfo.InvariantCulture), out var response);
        return response;
    }

    private void Failed(FrontDoorLease peer, PeerFailure failure, ResponseCall? response, Exception exception)
    {
        if (_cancel.IsCancellationRequested || request.HasEnded)
        {
            // The request ended, and with it this call.
            return;
        }

        if (response is not null)
        {
            BrokeOff(response, failure);
            return;
        }

        switch (failure.Kind)
        {
            case PeerFailureKind.Unreachable:
                Log.Unreachable(logger, frontDoor, peer.PeerAddress, exception);
                directory.Forget(peer);
                GiveBack(Verdict.Unavailable, $"front door {frontDoor}, which holds the agent's session, cannot be reached");
                break;
            case PeerFailureKind.NoSuchSession:
                GiveBack(Verdict.AgentOffline, "its session ended");
                break;
            case PeerFailureKind.Unsent when failure.Verdict is Verdict.Overloaded or Verdict.Draining or Verdict.Unavailable:
                GiveBack(failure.Verdict.Value, failure.Detail!);
                break;
            case PeerFailureKind.Unsent:
                request.EndUnsent(this, failure.Verdict!.Value, failure.Detail!);
                break;
            case PeerFailureKind.Sent:
                request.End(failure.Verdict!.Value, failure.Detail!);
                break;
            default:
                Log.Lost(logger, request.Id, frontDoor, exception);
                request.End(Verdict.AgentDisconnected, LostDetail);
                break;
        }
    }

    private void BrokeOff(ResponseCall response, PeerFailure failure)
    {
        if (failure.Verdict is { } verdict)
        {
            request.End(verdict, failure.Detail!);
            return;
        }

        // Where a message of it is with the caller, this ends it as a response that broke off.
        request.ResponseBroke(response, ResponseCallResult.BrokeOff);
        request.End(Verdict.AgentDisconnected, LostDetail);
    }

    private void GiveBack(Verdict reason, string detail)
    {
        // Said before the caller's side is woken by it.
        dispatch.CameBack(session.Value, reason, detail);
        request.TakeBack(this);
    }

    // It was not even offered: it counts as sent for a moment, so that there is one way back.
    private void GiveBackUnassigned(Verdict reason, string detail)
    {
        if (request.TryHandOver(this) is not null)
        {
            GiveBack(reason, detail);
        }
    }

    private Metadata Metadata()
    {
        var left = Math.Max(0, (long)request.TimeLeft.TotalMilliseconds);
        return new Metadata
        {
            { PeerMetadata.RequestId, request.Id.ToString() },
            { PeerMetadata.TimeLeft, left.ToString(CultureInfo.InvariantCulture) },
            { PeerMetadata.Tenant, request.Terms.Agent.Tenant },
            { CallMetadata.SessionId, session.Value.ToString(CultureInfo.InvariantCulture) },
        };
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.PeerUnknown, LogLevel.Warning, "Front door {FrontDoor} could not be looked up.")]
        public static partial void Unknown(ILogger logger, ushort frontDoor, Exception exception);

        [LoggerMessage(EventIds.PeerUnreachable, LogLevel.Warning, "Front door {FrontDoor} cannot be reached at {Address}.")]
        public static partial void Unreachable(ILogger logger, ushort frontDoor, string address, Exception exception);

        [LoggerMessage(EventIds.PeerLost, LogLevel.Information, "The call of request {RequestId} to front door {FrontDoor} was lost.")]
        public static partial void Lost(ILogger logger, RequestId requestId, ushort frontDoor, Exception exception);
    }
}

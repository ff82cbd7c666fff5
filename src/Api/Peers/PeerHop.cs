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
/// What a failure means for the request, <see cref="HopRule"/> says; what failed, <see cref="PeerFailure"/> reads out of the call's status.
/// </remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Reliability", "CA1001", Justification = "Without a timer it holds nothing; and who ends the request may come to cancel it after the call has ended.")]
internal sealed partial class PeerHop(
    LiveRequest request, SessionId session, ushort frontDoor, RequestDispatch<AgentSession> dispatch, PeerDirectory directory,
    PeerConnections connections, PeerCalls calls, ILogger<PeerHop> logger) : IRequestHolder, IPeerCall
{
    private readonly CancellationTokenSource _cancel = new();
    private volatile bool _gone;

    public SessionId Id => session;

    /// <summary>Ends the call: the request may have ended by a response that its agent gave here, of which the other side hears nothing.</summary>
    public void Release(IOutboundRequest request) => _ = _cancel.CancelAsync();

    /// <summary>Resets the call, which the other front door hears as its caller's going. Not on this thread: it is the client's code that runs.</summary>
    public void Cancel(RequestId request, Verdict verdict) => _ = _cancel.CancelAsync();

    /// <summary>Ends the call. Whether the request may have been sent is decided once the call has ended, and nothing of it is written any more.</summary>
    public void FrontDoorGone()
    {
        _gone = true;
        _ = _cancel.CancelAsync();
    }

    /// <summary>Runs the call to its end, and says to the request what became of it. Never throws.</summary>
    public async Task RunAsync()
    {
        // Not on the thread of the caller's side, which waits for the request and not for this.
        await Task.Yield();
        calls.Add(frontDoor, this);
        try
        {
            await HandOverAsync();
        }
        finally
        {
            calls.Remove(frontDoor, this);
        }
    }

    private async Task HandOverAsync()
    {
        FrontDoorLease? peer = null;
        var notFound = "is not registered, or speaks another protocol";
        try
        {
            var finding = directory.FindAsync(frontDoor);
            peer = finding.IsCompleted ? await finding : await finding.AsTask().WaitAsync(_cancel.Token);
        }
        catch (OperationCanceledException) when (_cancel.IsCancellationRequested)
        {
            // It is gone, or the request has ended.
        }
        catch (Exception e)
        {
            Log.Unknown(logger, frontDoor, e);
            notFound = "could not be looked up: the registry of front doors did not answer";
        }

        if (directory.IsGone(frontDoor))
        {
            // Its grain has not heard of that, and hears it with the next look-up.
            GiveBackUnassigned(HopEvent.GoneUnconnected, "is gone");
        }
        else if (peer is null)
        {
            GiveBackUnassigned(HopEvent.NotFound, notFound);
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
        catch (Exception e)
        {
            Failed(peer, PeerFailure.Of(e, connection.WasEstablished, _gone), response, e);
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
        if (request.HasEnded)
        {
            // And with it this call.
            return;
        }

        switch (failure.Happened)
        {
            case HopEvent.NeverMade or HopEvent.NotProcessed:
                Log.Unreachable(logger, frontDoor, peer.PeerAddress, exception);
                directory.Forget(peer);
                break;
            case HopEvent.Lost:
                Log.Lost(logger, request.Id, frontDoor, exception);
                break;
        }

        var detail = failure.Detail ?? DetailOf(failure.Happened);
        var outcome = HopRule.Decide(failure.Happened, failure.Verdict ?? default, responding: response is not null);
        switch (outcome.Action)
        {
            case HopAction.RouteAgain:
                GiveBack(outcome.Verdict, detail);
                break;
            case HopAction.End when outcome.Sent:
                request.End(outcome.Verdict, detail);
                break;
            case HopAction.End:
                request.EndUnsent(this, outcome.Verdict, detail);
                break;
            default:
                BreakOff(response, detail);
                break;
        }
    }

    private string DetailOf(HopEvent happened) => Detail(happened switch
    {
        HopEvent.NeverMade or HopEvent.NotProcessed => "cannot be reached",
        HopEvent.NoSuchSession => "does not hold it any more",
        HopEvent.Gone or HopEvent.GoneUnconnected => "is gone",
        _ => "was lost while it had the request",
    });

    private string Detail(string what) => $"front door {frontDoor}, which holds the agent's session, {what}";

    private void BreakOff(ResponseCall? response, string detail)
    {
        if (response is not null)
        {
            // Where a message of it is with the caller, this ends it as a response that broke off.
            request.ResponseBroke(response, ResponseCallResult.BrokeOff);
        }

        request.HolderLost(this, detail);
    }

    private void GiveBack(Verdict reason, string detail)
    {
        // Said before the caller's side is woken by it.
        dispatch.CameBack(session.Value, reason, detail);
        request.TakeBack(this);
    }

    // It was not even offered: it counts as sent for a moment, so that there is one way back.
    private void GiveBackUnassigned(HopEvent happened, string what)
    {
        if (request.TryHandOver(this) is not null)
        {
            GiveBack(HopRule.Decide(happened, default, responding: false).Verdict, Detail(what));
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

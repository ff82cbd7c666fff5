using System.Diagnostics;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;
using Switchboard.Api.Telemetry;
using Switchboard.Api.Time;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Grpc;

/// <summary>Runs an agent's response call, in order: its request, its messages one by one, its end.</summary>
internal sealed class ResponseCallHandler(
    InFlightRequests inFlight, IRemoteResponses remote, SwitchboardMeter meter, GatewayClock clock, IOptions<RequestOptions> requestOptions, IOptions<AgentSessionOptions> options)
{
    private static readonly GrpcError _notFound = new(StatusCode.NotFound, "Request Id not found");

    /// <summary>Reads the response into its request, or passes it on to the front door that has the request.</summary>
    /// <returns>Null: the response was accepted. Otherwise the error for the agent.</returns>
    public async Task<GrpcError?> RunAsync(
        string? requestId, string? sessionId, TraceContext trace, IAsyncStreamReader<AgentResponse> messages, CancellationToken agentGone)
    {
        var refused = Begin(requestId, sessionId, out var request, out var call);
        if (request is null && RequestId.TryParse(requestId, out var id)
            && await remote.TryRelayAsync(id, sessionId, messages, agentGone) is { } relayed)
        {
            return relayed.Error;
        }

        return refused is null ? await RunAsync(request!, call!, trace, messages) : Refuse(refused.Value);
    }

    /// <summary>Reads the response into its request, which is here or nowhere.</summary>
    public async Task<GrpcError?> RunHereAsync(string? requestId, string? sessionId, TraceContext trace, IAsyncStreamReader<AgentResponse> messages)
    {
        var refused = Begin(requestId, sessionId, out var request, out var call);
        return refused is null ? await RunAsync(request!, call!, trace, messages) : Refuse(refused.Value);
    }

    private async Task<GrpcError?> RunAsync(LiveRequest request, ResponseCall call, TraceContext trace, IAsyncStreamReader<AgentResponse> messages)
    {
        var terms = request.Terms;
        using var span = Spans.Respond(terms.Agent, request.Id, terms.Method, trace.Parent is null ? terms.Trace : trace);
        var error = await ReadAsync(request, call, messages);
        if (error is { } told)
        {
            span?.SetStatus(ActivityStatusCode.Error, told.Status.Detail);
        }

        return error;
    }

    private async Task<GrpcError?> ReadAsync(LiveRequest request, ResponseCall call, IAsyncStreamReader<AgentResponse> messages)
    {
        GrpcError? unreadable = null;
        try
        {
            while (await messages.MoveNext(call.Token))
            {
                var message = messages.Current;
                // Reads no further until the caller has taken some of it.
                var room = request.PushAsync(call, message, message.CalculateSize());
                if (!(room.IsCompleted ? await room : await PausedAsync(room)))
                {
                    break;
                }
            }

            await request.CompleteAsync(call);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted)
        {
            // The server reads no message that is longer than its limit.
            request.ResponseBroke(call, ResponseCallResult.TooLarge);
        }
        catch (Exception e)
        {
            unreadable = Unreadable(e);
            // The agent has gone or reset the call, or the call's token ended the read: then it has ended already, and this changes
            // nothing.
            request.ResponseBroke(call, ResponseCallResult.BrokeOff);
        }

        var result = request.ResultOf(call);
        return result == ResponseCallResult.BrokeOff && unreadable is not null ? unreadable : ErrorOf(result);
    }

    private async ValueTask<bool> PausedAsync(ValueTask<bool> room)
    {
        var began = clock.Now;
        var open = await room;
        meter.ResponsePaused(clock.Now - began);
        return open;
    }

    private GrpcError? Begin(string? requestId, string? sessionId, out LiveRequest? request, out ResponseCall? call)
    {
        (request, call) = (null, null);
        if (requestId is null)
        {
            return new GrpcError(StatusCode.Unauthenticated, "Missing request id");
        }

        if (!RequestId.TryParse(requestId, out var id) || !inFlight.TryFind(id.Value, out request))
        {
            return _notFound;
        }

        if (sessionId is null && options.Value.RequireSession)
        {
            return new GrpcError(StatusCode.Unauthenticated, "Missing session id");
        }

        return request.BeginResponse(sessionId, out call) switch
        {
            BeginResponseOutcome.Granted or BeginResponseOutcome.GrantedInsteadOf => null,
            BeginResponseOutcome.AlreadyResponding => new GrpcError(StatusCode.AlreadyExists, "Another call has begun to answer this request"),
            BeginResponseOutcome.WrongSession => new GrpcError(StatusCode.PermissionDenied, "The request was sent to another session"),
            _ => _notFound,
        };
    }

    private GrpcError Refuse(GrpcError error)
    {
        if (error.Status.StatusCode == StatusCode.NotFound)
        {
            // N7: a late response is usual. It is counted, not logged.
            meter.LateResponse();
        }

        return error;
    }

    // Bytes that are no message: the agent gets an error. gRPC throws IOException for a length out of range, and Kestrel for an agent that
    // has gone, to which nothing is sent. Null: the call's token ended the read.
    private GrpcError? Unreadable(Exception error) => error switch
    {
        RpcException rpc => new GrpcError(rpc.Status, rpc.Trailers),
        InvalidDataException => GrpcError.Unreadable("What was sent is not in gRPC's frames"),
        IOException => ErrorOf(ResponseCallResult.TooLarge),
        _ => null,
    };

    private GrpcError? ErrorOf(ResponseCallResult result) => result switch
    {
        ResponseCallResult.Done => null,
        ResponseCallResult.Superseded => new GrpcError(StatusCode.Aborted, "A newer call answers this request"),
        ResponseCallResult.TooLarge => new GrpcError(
            StatusCode.ResourceExhausted, $"A message is longer than {requestOptions.Value.MaxMessageBytes} bytes"),
        ResponseCallResult.BadHeaders => new GrpcError(
            StatusCode.InvalidArgument,
            $"A message has more than {HeaderLimits.MaxHeaders} headers, or more than {HeaderLimits.MaxHeaderBytes} bytes of them"),
        ResponseCallResult.BadStatus => new GrpcError(StatusCode.InvalidArgument, "status must be 0 or from 200 to 599"),
        // The token of the read would make this UNKNOWN: an OperationCanceledException must not leave a handler.
        _ => new GrpcError(StatusCode.Cancelled, "The request has ended"),
    };
}

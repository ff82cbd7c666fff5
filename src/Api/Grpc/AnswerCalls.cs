using System.Diagnostics;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Switchboard.Api.Errors;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;
using Switchboard.Api.Telemetry;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Grpc;

/// <summary>An agent's answer call, in order: whose request it is for, its messages one by one, its end.</summary>
internal sealed class AnswerCalls(RequestRegister register, SwitchboardMeter meter, IOptions<AgentSessionOptions> options)
{
    private static readonly Empty _done = new();
    private long _lastNumber;

    /// <summary>Reads the answer into its request. Returns when the agent may be told that all is well.</summary>
    /// <exception cref="RpcException">What the agent is told otherwise.</exception>
    public async Task<Empty> RunAsync(string? requestId, string? sessionId, TraceContext trace, IAsyncStreamReader<AgentResponse> messages)
    {
        (LiveRequest request, AnswerCall call) = Begin(requestId, sessionId);
        RequestTerms terms = request.Terms;
        using Activity? span = Spans.Answer(terms.Agent, request.Id, terms.Method, trace.Parent is null ? terms.Trace : trace);
        RpcException? unreadable = null;
        try
        {
            while (await messages.MoveNext(call.Token))
            {
                AgentResponse message = messages.Current;
                // Read no further until the caller has taken some of it.
                ValueTask<bool> room = request.PushAsync(call, message, message.CalculateSize());
                if (!(room.IsCompleted ? await room : await PausedAsync(room)))
                    break;
            }
            await request.CompleteAsync(call);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted)
        {
            // The server reads no message that is longer than it allows.
            request.AnswerBroke(call, AnswerCallResult.TooLarge);
        }
        catch (Exception e)
        {
            unreadable = Unreadable(e);
            // The agent has gone or reset the call, or the call's token ended the read: then it is over already, and this changes nothing.
            request.AnswerBroke(call, AnswerCallResult.BrokeOff);
        }
        AnswerCallResult result = request.ResultOf(call);
        RpcException? problem = result == AnswerCallResult.BrokeOff && unreadable is not null ? unreadable : Problem(result);
        if (problem is not null)
        {
            span?.SetStatus(ActivityStatusCode.Error, problem.Status.Detail);
            throw problem;
        }
        return _done;
    }

    private async ValueTask<bool> PausedAsync(ValueTask<bool> room)
    {
        TimeSpan began = register.Clock.Now;
        bool open = await room;
        meter.AnswerPaused(register.Clock.Now - began);
        return open;
    }

    private (LiveRequest Request, AnswerCall Call) Begin(string? requestId, string? sessionId)
    {
        if (requestId is null)
            throw new RpcException(new Status(StatusCode.Unauthenticated, "Missing request id"));
        if (!RequestId.TryParse(requestId, out RequestId id) || !register.TryFind(id.Value, out LiveRequest? request))
            throw NotFound();
        if (sessionId is null && options.Value.RequireSession)
            throw new RpcException(new Status(StatusCode.Unauthenticated, "Missing session id"));
        switch (request.BeginAnswer(sessionId, Interlocked.Increment(ref _lastNumber), out AnswerCall? call))
        {
            case BeginAnswerOutcome.Granted or BeginAnswerOutcome.GrantedInsteadOf:
                return (request, call!);
            case BeginAnswerOutcome.AlreadyAnswering:
                throw new RpcException(new Status(StatusCode.AlreadyExists, "Another call has begun to answer this request"));
            case BeginAnswerOutcome.WrongSession:
                throw new RpcException(new Status(StatusCode.PermissionDenied, "The request was sent to another session"));
            default:
                throw NotFound();
        }
    }

    private RpcException NotFound()
    {
        // N7: an answer that comes too late is ordinary. It is counted, not logged.
        meter.LateAnswer();
        return new RpcException(new Status(StatusCode.NotFound, "Request Id not found"));
    }

    // Bytes that are no message: its agent is told so. gRPC says IOException of a length beyond all bounds, and Kestrel of an agent that
    // has gone, which hears nothing of it. Null: the call's token ended the read.
    private static RpcException? Unreadable(Exception error) => error switch
    {
        RpcException rpc => rpc,
        InvalidDataException or IOException => GrpcErrors.Unreadable("What was sent is not in gRPC's frames"),
        _ => null,
    };

    private RpcException? Problem(AnswerCallResult result) => result switch
    {
        AnswerCallResult.Done => null,
        AnswerCallResult.Superseded => new RpcException(new Status(StatusCode.Aborted, "A newer call answers this request")),
        AnswerCallResult.TooLarge => new RpcException(
            new Status(StatusCode.ResourceExhausted, $"A message is longer than {register.Options.MaxMessageBytes} bytes")),
        AnswerCallResult.BadHeaders => new RpcException(new Status(
            StatusCode.InvalidArgument,
            $"A message has more than {HeaderLimits.MaxHeaders} headers, or more than {HeaderLimits.MaxHeaderBytes} bytes of them")),
        AnswerCallResult.BadStatus => new RpcException(new Status(StatusCode.InvalidArgument, "status must be 0 or from 200 to 599")),
        // What the token of the read, or of nobody, would turn into UNKNOWN: an OperationCanceledException must not leave a handler.
        _ => new RpcException(new Status(StatusCode.Cancelled, "The request has ended")),
    };
}

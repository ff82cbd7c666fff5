using Grpc.Core;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Switchboard.Api.Admission;
using Switchboard.Api.Hosting;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;
using Switchboard.Api.Time;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Grpc;

/// <summary>Implements the gateway's gRPC service: reads messages, and returns the outcome. Everything else is the engine's.</summary>
[BindServiceMethod(typeof(CheckedMessages), nameof(CheckedMessages.BindService))]
internal sealed class AgentGatewayService(
    IRequestForwarder requests, SubscriptionHandler subscriptions, ResponseCallHandler responses, AdmissionLimits limits, GatewayClock clock, IOptions<AgentSessionOptions> sessionOptions)
    : AgentGateway.AgentGatewayBase
{
    private static readonly Empty _done = new();

    public override async Task AgentRequestSubscribe(SubscriberInfo request, IServerStreamWriter<AgentRequest> responseStream, ServerCallContext context)
    {
        if (!SubscriberRules.TryRead(request, sessionOptions.Value, out var subscriber, out var problem))
        {
            GrpcError.Of(Verdict.BadRequest, problem, sent: false).ApplyTo(context);
            return;
        }
        var abort = new CallAbort(context.GetHttpContext());
        SubscriptionResult result;
        try
        {
            result = await subscriptions.RunAsync(subscriber, new GrpcSessionStream(responseStream, abort), context.CancellationToken);
        }
        finally
        {
            abort.Over();
        }
        if (result.Refused is { } verdict)
        {
            GrpcError.Of(verdict, result.Detail, sent: false).ApplyTo(context);
        }
    }

    public override async Task AgentRequestPublish(AgentRequest request, IServerStreamWriter<AgentResponse> responseStream, ServerCallContext context)
    {
        var arrived = clock.Time.GetTimestamp();
        var said = new CallerMetadata(
            CallMetadata.CallerDeadlineLeft(context), CallMetadata.Read(context, ConnectWait.Name), CallMetadata.Trace(context),
            limits.CallerOf(context.GetHttpContext()));
        if (!CallerRequests.TryRead(request, said, arrived, out var caller, out var problem))
        {
            GrpcError.Of(Verdict.BadRequest, problem, sent: false).ApplyTo(context);
            return;
        }
        var abort = new CallAbort(context.GetHttpContext());
        RequestResult result;
        try
        {
            result = await requests.SendAsync(caller, new GrpcResponseSink(responseStream, context, abort), context.CancellationToken);
        }
        finally
        {
            abort.Over();
        }
        if (result.Verdict != Verdict.Answered)
        {
            GrpcError.Of(result.Verdict, result.Detail, result.Sent, result.Id.Value == 0 ? null : result.Id).ApplyTo(context);
        }
    }

    // Kestrel finds a header faster by its own name for it.
    public override async Task<Empty> AgentResponsePublish(IAsyncStreamReader<AgentResponse> requestStream, ServerCallContext context)
    {
        var error = await responses.RunAsync(
            CallMetadata.Read(context, HeaderNames.RequestId), CallMetadata.Read(context, CallMetadata.SessionId), CallMetadata.Trace(context), requestStream, context.CancellationToken);
        // Thrown, because a call with one response message would send that beside the status.
        return error is null ? _done : throw error.Value.ToException();
    }
}

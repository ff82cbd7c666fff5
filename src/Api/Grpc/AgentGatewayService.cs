using Grpc.Core;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Switchboard.Api.Admission;
using Switchboard.Api.Errors;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Grpc;

/// <summary>The gateway's gRPC service: reads what comes, and says what became of it. All else is the engine's.</summary>
[BindServiceMethod(typeof(CheckedMessages), nameof(CheckedMessages.BindService))]
internal sealed class AgentGatewayService(
    ILiveRequests requests, Subscriptions subscriptions, AnswerCalls answers, AdmissionLimits limits, GatewayClock clock, IOptions<AgentSessionOptions> sessionOptions)
    : AgentGateway.AgentGatewayBase
{
    public override async Task AgentRequestSubscribe(SubscriberInfo request, IServerStreamWriter<AgentRequest> responseStream, ServerCallContext context)
    {
        if (!SubscriberRules.TryRead(request, sessionOptions.Value, out Subscriber? subscriber, out string? problem))
        {
            Tell(context, GrpcErrors.ToRpc(Verdict.BadRequest, problem, sent: false));
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
            Tell(context, GrpcErrors.ToRpc(verdict, result.Detail, sent: false));
    }

    public override async Task AgentRequestPublish(AgentRequest request, IServerStreamWriter<AgentResponse> responseStream, ServerCallContext context)
    {
        long arrived = clock.Time.GetTimestamp();
        var said = new CallerMetadata(
            CallMetadata.CallerDeadlineLeft(context), CallMetadata.Read(context, ConnectWait.Name), CallMetadata.Trace(context),
            limits.CallerOf(context.GetHttpContext()));
        if (!CallerRequests.TryRead(request, said, arrived, out CallerRequest? caller, out string? problem))
        {
            Tell(context, GrpcErrors.ToRpc(Verdict.BadRequest, problem, sent: false));
            return;
        }
        var abort = new CallAbort(context.GetHttpContext());
        RequestResult result;
        try
        {
            result = await requests.SendAsync(caller, new GrpcAnswerSink(responseStream, context, abort), context.CancellationToken);
        }
        finally
        {
            abort.Over();
        }
        if (result.Verdict != Verdict.Answered)
            Tell(context, GrpcErrors.ToRpc(result.Verdict, result.Detail, result.Sent, result.Id.Value == 0 ? null : result.Id));
    }

    // Kestrel finds a header that it knows at once by its own name for it.
    public override Task<Empty> AgentResponsePublish(IAsyncStreamReader<AgentResponse> requestStream, ServerCallContext context) =>
        answers.RunAsync(
            CallMetadata.Read(context, HeaderNames.RequestId), CallMetadata.Read(context, CallMetadata.SessionId), CallMetadata.Trace(context), requestStream);

    // The same on the wire as throwing it, and an exception costs more than a whole relayed request: overload must be cheap to refuse.
    private static void Tell(ServerCallContext context, RpcException error)
    {
        context.Status = error.Status;
        foreach (Metadata.Entry entry in error.Trailers)
            context.ResponseTrailers.Add(entry);
    }
}

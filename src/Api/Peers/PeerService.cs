using Grpc.Core;
using Switchboard.Api.Grpc;
using Switchboard.Api.Hosting;
using Switchboard.Api.Requests;
using Switchboard.Api.Time;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Peers;

/// <summary>The gateway's gRPC service as other front doors see it: requests for sessions that are here.</summary>
internal sealed class PeerService(HandedRequests requests, ResponseCallHandler responses, GatewayClock clock) : AgentGateway.AgentGatewayBase
{
    public override async Task AgentRequestPublish(AgentRequest request, IServerStreamWriter<AgentResponse> responseStream, ServerCallContext context)
    {
        var arrived = clock.Time.GetTimestamp();
        if (!PeerCall.TryRead(request, context, out var call, out var problem))
        {
            GrpcError.Of(Verdict.BadRequest, problem, sent: false).ApplyTo(context);
            return;
        }

        var abort = new CallAbort(context.GetHttpContext());
        RequestResult? result;
        try
        {
            result = await requests.SendAsync(request, call, arrived, new GrpcResponseSink(responseStream, context, abort), context.CancellationToken);
        }
        finally
        {
            abort.Over();
        }

        if (result is null)
        {
            context.ResponseTrailers.Add(PeerMetadata.NoSuchSession, "yes");
            GrpcError.Of(Verdict.AgentOffline, "", sent: false, call.Id).ApplyTo(context);
        }
        else if (result.Verdict != Verdict.Answered)
        {
            GrpcError.Of(result.Verdict, result.Detail, result.Sent, result.Id).ApplyTo(context);
        }
    }

    /// <summary>A response that came to another front door than that of its request. One hop: it goes to no other.</summary>
    public override async Task<Empty> AgentResponsePublish(IAsyncStreamReader<AgentResponse> requestStream, ServerCallContext context)
    {
        var error = await responses.RunHereAsync(
            CallMetadata.Read(context, CallMetadata.RequestId), CallMetadata.Read(context, CallMetadata.SessionId), CallMetadata.Trace(context), requestStream);
        return error is null ? new Empty() : throw error.Value.ToException();
    }
}

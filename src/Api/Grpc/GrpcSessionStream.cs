using Grpc.Core;
using Switchboard.Api.Sessions;
using Switchboard.V1;

namespace Switchboard.Api.Grpc;

/// <summary>A subscription over gRPC.</summary>
internal sealed class GrpcSessionStream(IServerStreamWriter<AgentRequest> stream, ServerCallContext context) : ISessionStream
{
    private static readonly WriteOptions Buffered = new(WriteFlags.BufferHint);

    public Task WriteAsync(AgentRequest message, bool flush)
    {
        stream.WriteOptions = flush ? null : Buffered;
        return stream.WriteAsync(message, CancellationToken.None);
    }

    public void Abort() => context.GetHttpContext().Abort();
}

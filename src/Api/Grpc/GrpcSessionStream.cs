using Grpc.Core;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;
using Switchboard.V1;

namespace Switchboard.Api.Grpc;

/// <summary>A subscription over gRPC.</summary>
internal sealed class GrpcSessionStream(IServerStreamWriter<AgentRequest> stream, CallAbort abort) : ISessionStream
{
    private static readonly WriteOptions Buffered = new(WriteFlags.BufferHint);

    public Task WriteAsync(AgentRequest message, bool flush)
    {
        stream.WriteOptions = flush ? null : Buffered;
        return stream.WriteAsync(message, CancellationToken.None);
    }

    public void Abort() => abort.Abort();
}

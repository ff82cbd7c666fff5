using Grpc.Core;
using Switchboard.Api.Hosting;
using Switchboard.Api.Sessions;
using Switchboard.V1;

namespace Switchboard.Api.Grpc;

/// <summary>Writes a subscription to a gRPC stream.</summary>
internal sealed class GrpcSessionStream(IServerStreamWriter<AgentRequest> stream, CallAbort abort) : ISessionStream
{
    private static readonly WriteOptions _buffered = new(WriteFlags.BufferHint);

    public Task WriteAsync(AgentRequest message, bool flush)
    {
        stream.WriteOptions = flush ? null : _buffered;
        return stream.WriteAsync(message, CancellationToken.None);
    }

    public void Abort() => abort.Abort();
}

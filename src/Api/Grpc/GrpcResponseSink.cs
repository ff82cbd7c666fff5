using Grpc.Core;
using Switchboard.Api.Hosting;
using Switchboard.Api.Requests;
using Switchboard.Core.Ids;
using Switchboard.V1;

namespace Switchboard.Api.Grpc;

/// <summary>Writes a response to a gRPC caller's stream.</summary>
internal sealed class GrpcResponseSink(IServerStreamWriter<AgentResponse> stream, ServerCallContext context, CallAbort abort) : IResponseSink
{
    // A pipe that is never empty would otherwise never be flushed.
    private const int MaxUnflushedBytes = 32 * 1024;
    private static readonly WriteOptions _buffered = new(WriteFlags.BufferHint);

    private bool _moreAtOnce;
    private int _unflushed;

    public void Hint(bool moreAtOnce) => _moreAtOnce = moreAtOnce;

    // The id is set in the response's headers directly; gRPC would copy it there from a list created for it.
    public ValueTask AcceptedAsync(RequestId id, CancellationToken cancellationToken)
    {
        context.GetHttpContext().Response.Headers[CallMetadata.RequestId] = id.ToString();
        return new ValueTask(context.WriteResponseHeadersAsync(Metadata.Empty));
    }

    // A response without a message is an empty stream to a gRPC caller.
    public ValueTask FirstAsync(int status, AgentResponse first, CancellationToken cancellationToken) =>
        ReferenceEquals(first, IResponseSink.NoMessage) ? ValueTask.CompletedTask : NextAsync(first, cancellationToken);

    // Without a token: cancelling a write's token resets the call. A write that hangs is cut by Abort.
    public ValueTask NextAsync(AgentResponse message, CancellationToken cancellationToken)
    {
        // As on the wire, with its header: many small messages fill Kestrel's buffer as few large ones do.
        if (_moreAtOnce)
        {
            _unflushed += CheckedHeads.HeadBytes + message.CalculateSize();
        }

        var buffer = _moreAtOnce && _unflushed < MaxUnflushedBytes;
        if (!buffer)
        {
            _unflushed = 0;
        }

        stream.WriteOptions = buffer ? _buffered : null;
        return new ValueTask(stream.WriteAsync(message, CancellationToken.None));
    }

    public void Abort() => abort.Abort();
}

using Grpc.Core;
using Switchboard.Api.Requests;
using Switchboard.Core.Ids;
using Switchboard.V1;

namespace Switchboard.Api.Grpc;

/// <summary>A gRPC caller's stream.</summary>
internal sealed class GrpcAnswerSink(IServerStreamWriter<AgentResponse> stream, ServerCallContext context, CallAbort abort) : IAnswerSink
{
    // A pipe that is never empty would otherwise never be flushed.
    private const int MaxUnflushedBytes = 32 * 1024;
    private static readonly WriteOptions Buffered = new(WriteFlags.BufferHint);

    private bool _moreAtOnce;
    private int _unflushed;

    public void Hint(bool moreAtOnce) => _moreAtOnce = moreAtOnce;

    // The id goes straight into the response's headers; gRPC would take it there by way of a list made for it.
    public ValueTask AcceptedAsync(RequestId id, CancellationToken cancellationToken)
    {
        context.GetHttpContext().Response.Headers[CallMetadata.RequestId] = id.ToString();
        return new ValueTask(context.WriteResponseHeadersAsync(Metadata.Empty));
    }

    // An answer without a message is an empty stream to a gRPC caller.
    public ValueTask FirstAsync(int status, AgentResponse first, CancellationToken cancellationToken) =>
        ReferenceEquals(first, IAnswerSink.NoMessage) ? ValueTask.CompletedTask : NextAsync(first, cancellationToken);

    // Without a token: cancelling a write's token resets the call. A write that hangs is cut by Abort.
    public ValueTask NextAsync(AgentResponse message, CancellationToken cancellationToken)
    {
        // As on the wire, head and all: many small messages fill Kestrel's buffer as few large ones do.
        if (_moreAtOnce)
            _unflushed += UnpackedBody.HeadBytes + message.CalculateSize();
        bool buffer = _moreAtOnce && _unflushed < MaxUnflushedBytes;
        if (!buffer)
            _unflushed = 0;
        stream.WriteOptions = buffer ? Buffered : null;
        return new ValueTask(stream.WriteAsync(message, CancellationToken.None));
    }

    public void Abort() => abort.Abort();
}

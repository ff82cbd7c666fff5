using System.IO.Pipelines;

namespace Grpc.Server;

/// <summary>
/// Messages to the caller. One write at a time; a flush for each message unless BufferHint. A write that completes at once
/// allocates nothing.
/// </summary>
internal sealed class ServerStreamWriter<T>(ServerCall call, Marshaller<T> marshaller) : IServerStreamWriter<T>
    where T : class
{
    private readonly PipeWriter _pipe = call.Http.Response.BodyWriter;
    private int _writing;

    public WriteOptions? WriteOptions { get => call.WriteOptions; set => call.WriteOptions = value; }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        if (message is null) return Task.FromException(new ArgumentNullException(nameof(message)));
        return cancellationToken.CanBeCanceled ? WriteCancellableAsync(message, cancellationToken) : WriteOneAsync(message, cancellationToken);
    }

    private static InvalidOperationException Refused(string why) => new("Can't write the message because " + why);

    /// <summary>Half a message cannot be taken back, so cancelling a write ends the call; so does a token cancelled before.</summary>
    private async Task WriteCancellableAsync(T message, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(static state => ((ServerCall)state!).Reset(), call);
        cancellationToken.ThrowIfCancellationRequested();
        await WriteOneAsync(message, cancellationToken);
    }

    private async Task WriteOneAsync(T message, CancellationToken cancellationToken)
    {
        if (call.IsComplete || call.Lifetime.RequestAborted.IsCancellationRequested) throw Refused("the request is complete.");
        if (Interlocked.CompareExchange(ref _writing, 1, 0) != 0) throw Refused("the previous write is in progress.");
        try
        {
            // Kestrel wants its headers produced before anybody asks for its buffer.
            if (!call.Http.Response.HasStarted) await call.Http.Response.StartAsync(cancellationToken);
            call.Outgoing.Write(message, marshaller.ContextualSerializer);
            var flushed = (WriteOptions?.Flags & WriteFlags.BufferHint) == WriteFlags.BufferHint
                ? default
                : await _pipe.FlushAsync(cancellationToken);

            // Kestrel's flush does not say that the request was aborted meanwhile.
            if (!flushed.IsCompleted && (call.CancellationToken.IsCancellationRequested || cancellationToken.IsCancellationRequested))
                throw new OperationCanceledException("Request aborted while sending the message.");
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }
}

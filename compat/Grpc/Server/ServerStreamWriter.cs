using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Framing;

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
        return cancellationToken.CanBeCanceled ? WriteCancellableAsync(message, cancellationToken) : Write(message, CancellationToken.None);
    }

    private static Task Refused(string why) => Task.FromException(new InvalidOperationException("Can't write the message because " + why));

    /// <summary>Half a message cannot be taken back, so cancelling a write ends the call; so does a token cancelled before.</summary>
    private async Task WriteCancellableAsync(T message, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(static state => ((ServerCall)state!).Reset(), call);
        cancellationToken.ThrowIfCancellationRequested();
        await Write(message, cancellationToken);
    }

    private Task Write(T message, CancellationToken cancellationToken)
    {
        if (call.IsComplete || call.Lifetime.RequestAborted.IsCancellationRequested) return Refused("the request is complete.");
        if (Interlocked.CompareExchange(ref _writing, 1, 0) != 0) return Refused("the previous write is in progress.");

        // Kestrel wants its headers produced before anybody asks for its buffer.
        if (!call.Http.Response.HasStarted) return StartAndWriteAsync(message, cancellationToken);
        try
        {
            var flush = SerializeAsync(message, cancellationToken);
            if (!flush.IsCompletedSuccessfully) return AwaitAsync(flush, cancellationToken);
            Check(Wire.Completed(flush), cancellationToken);
            Volatile.Write(ref _writing, 0);
            return Task.CompletedTask;
        }
        catch (Exception e)
        {
            return AwaitAsync(ValueTask.FromException<FlushResult>(e), cancellationToken);
        }
    }

    private async Task StartAndWriteAsync(T message, CancellationToken cancellationToken)
    {
        try
        {
            await call.Http.Response.StartAsync(cancellationToken);
            Check(await SerializeAsync(message, cancellationToken), cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }

    private async Task AwaitAsync(ValueTask<FlushResult> flush, CancellationToken cancellationToken)
    {
        try
        {
            Check(await flush, cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }

    private ValueTask<FlushResult> SerializeAsync(T message, CancellationToken cancellationToken)
    {
        call.Outgoing.Write(message, marshaller.ContextualSerializer);
        return (WriteOptions?.Flags & WriteFlags.BufferHint) == WriteFlags.BufferHint ? default : _pipe.FlushAsync(cancellationToken);
    }

    private void Check(FlushResult flushed, CancellationToken cancellationToken)
    {
        // Kestrel's flush does not say that the request was aborted meanwhile.
        if (!flushed.IsCompleted && (call.CancellationToken.IsCancellationRequested || cancellationToken.IsCancellationRequested))
            throw new OperationCanceledException("Request aborted while sending the message.");
    }
}

using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Framing;

namespace Grpc.Server;

/// <summary>Messages from the caller, parsed where Kestrel put them.</summary>
internal sealed class ServerStreamReader<T>(ServerCall call, Func<DeserializationContext, T> deserializer) : IAsyncStreamReader<T>
    where T : class
{
    private readonly PipeReader _pipe = call.Http.Request.BodyReader;
    private volatile bool _completed;

    public T Current { get; private set; } = default!;

    public void Complete() => _completed = true;

    /// <summary>The one message of a request that has one; anything after it is an error.</summary>
    public static async ValueTask<T> ReadSingleAsync(ServerCall call, Func<DeserializationContext, T> deserializer)
    {
        var reader = new ServerStreamReader<T>(call, deserializer);
        if (!await reader.MoveNext(CancellationToken.None))
            throw new RpcException(new Status(StatusCode.Internal, "Incomplete message."));

        var result = await reader._pipe.ReadAsync();
        while (result is { IsCompleted: false, IsCanceled: false, Buffer.IsEmpty: true })
        {
            reader._pipe.AdvanceTo(result.Buffer.Start);
            result = await reader._pipe.ReadAsync();
        }

        var empty = result.Buffer.IsEmpty;
        reader._pipe.AdvanceTo(result.Buffer.Start);
        return empty ? reader.Current : throw new RpcException(new Status(StatusCode.Internal, "Additional data after the message received."));
    }

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<bool>(cancellationToken);
        if (_completed || call.Lifetime.RequestAborted.IsCancellationRequested)
            return Task.FromException<bool>(new InvalidOperationException("Can't read messages after the request is complete."));

        // A stream may be silent for hours; it must not hold the last message all that time.
        Current = default!;
        try
        {
            var read = _pipe.ReadAsync(cancellationToken);
            return read.IsCompletedSuccessfully && TryTake(read.Completed()) is { } more
                ? (more ? Wire.True : Wire.False)
                : AwaitAsync(read.IsCompletedSuccessfully ? _pipe.ReadAsync(cancellationToken) : read, cancellationToken);
        }
        catch (Exception e)
        {
            return Task.FromException<bool>(e);
        }
    }

    private async Task<bool> AwaitAsync(ValueTask<ReadResult> read, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTake(await read) is { } more)
                return more;
            read = _pipe.ReadAsync(cancellationToken);
        }
    }

    /// <summary>True: <see cref="Current"/> is the next message. False: the stream has ended. Null: more bytes are needed.</summary>
    private bool? TryTake(ReadResult result)
    {
        var buffer = result.Buffer;
        var taken = false;
        try
        {
            if (result.IsCanceled)
                throw new RpcException(new Status(StatusCode.Internal, "Incoming message cancelled."));

            taken = MessageFrame.TryRead(ref buffer, call.Options.MaxReceiveMessageSize, call.RequestEncoding, out var message, out _);
            if (taken)
            {
                Current = call.Incoming.Parse(message, deserializer);
                return true;
            }

            if (!result.IsCompleted)
                return null;
            return buffer.IsEmpty ? false : throw new RpcException(new Status(StatusCode.Internal, "Incomplete message."));
        }
        finally
        {
            // Without a message everything was looked at, so that the next read waits for more.
            _pipe.AdvanceTo(buffer.Start, taken ? buffer.Start : buffer.End);
        }
    }
}

using System.IO.Pipelines;

namespace Grpc.Server;

/// <summary>Messages from the caller, parsed where Kestrel put them.</summary>
internal sealed class ServerStreamReader<T>(ServerCall call, Marshaller<T> marshaller) : IAsyncStreamReader<T>
    where T : class
{
    private readonly PipeReader _pipe = call.Http.Request.BodyReader;

    public T Current { get; private set; } = default!;

    /// <summary>The one message of a request that has one; anything after it is an error.</summary>
    public static async ValueTask<T> ReadSingleAsync(ServerCall call, Marshaller<T> marshaller)
    {
        var reader = new ServerStreamReader<T>(call, marshaller);
        if (!await reader.ReadAsync(CancellationToken.None)) throw Broken("Incomplete message.");
        ReadResult rest;
        do
        {
            rest = await reader._pipe.ReadAsync();
            reader._pipe.AdvanceTo(rest.Buffer.Start);
            if (!rest.Buffer.IsEmpty) throw Broken("Additional data after the message received.");
        }
        while (!rest.IsCompleted);
        return reader.Current;
    }

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<bool>(cancellationToken);
        if (call.IsComplete || call.Lifetime.RequestAborted.IsCancellationRequested)
            return Task.FromException<bool>(new InvalidOperationException("Can't read messages after the request is complete."));
        return ReadAsync(cancellationToken);
    }

    private static RpcException Broken(string detail) => new(new Status(StatusCode.Internal, detail));

    private async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        // A stream may be silent for hours; it must not hold the last message all that time.
        Current = default!;
        while (true)
        {
            if (TryTake(await _pipe.ReadAsync(cancellationToken)) is { } more) return more;
        }
    }

    /// <summary>True: <see cref="Current"/> is the next message. False: the stream has ended. Null: more bytes are needed.</summary>
    private bool? TryTake(ReadResult result)
    {
        var buffer = result.Buffer;
        var taken = false;
        try
        {
            if (result.IsCanceled) throw Broken("Incoming message cancelled.");
            if (taken = call.TryRead(ref buffer, out var message))
            {
                Current = call.Incoming.Parse(message, marshaller.ContextualDeserializer);
                return true;
            }

            if (!result.IsCompleted) return null;
            return buffer.IsEmpty ? false : throw Broken("Incomplete message.");
        }
        finally
        {
            // Without a message everything was looked at, so that the next read waits for more.
            _pipe.AdvanceTo(buffer.Start, taken ? buffer.Start : buffer.End);
        }
    }
}

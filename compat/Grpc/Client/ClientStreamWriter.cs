namespace Grpc.Client;

/// <summary>Messages to the server; each is flushed. One write at a time.</summary>
internal sealed class ClientStreamWriter<T>(ClientCall call, Marshaller<T> marshaller, OutgoingRequest outgoing) : IClientStreamWriter<T>
    where T : class
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Continues inline, on purpose: END_STREAM must be on its way when CompleteAsync returns, or a Dispose that follows at once would
    // reset a request whose end was never sent.
    private readonly TaskCompletionSource _completed = new();
    private Task _write = Task.CompletedTask;
    private bool _completeCalled;

    public WriteOptions? WriteOptions { get; set; } = call.Options.WriteOptions;

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        if (message is null) return Task.FromException(new ArgumentNullException(nameof(message)));
        call.ThrowIfDisposed();
        lock (_gate)
        {
            if (_completeCalled) return Task.FromException(new InvalidOperationException("Request stream has already been completed."));
            if (call.Final is { } status) return Task.FromException(call.Error(status));
            if (!_write.IsCompleted)
            {
                return Task.FromException(
                    new InvalidOperationException("Can't write the message because the previous write is in progress."));
            }

            return _write = SendAsync(message, cancellationToken);
        }
    }

    public Task CompleteAsync()
    {
        call.ThrowIfDisposed();
        lock (_gate)
        {
            if (!_write.IsCompleted)
            {
                return Task.FromException(
                    new InvalidOperationException("Can't complete the client stream writer because the previous write is in progress."));
            }

            _completeCalled = true;
        }

        _completed.TrySetResult();
        return Task.CompletedTask;
    }

    /// <summary>The request's body: hands the stream to the writes and stays until the last.</summary>
    public async Task RunAsync(Stream stream)
    {
        // Without a flush the headers would wait for the first message.
        await stream.FlushAsync(call.Token).ConfigureAwait(false);
        _stream.TrySetResult(stream);
        await _completed.Task.ConfigureAwait(false);
    }

    /// <summary>The call has ended: lets go of pending writes and of the body.</summary>
    public void Abort()
    {
        _stream.TrySetCanceled(CancellationToken.None);
        _completed.TrySetCanceled(CancellationToken.None);
    }

    private async Task SendAsync(T message, CancellationToken cancellationToken)
    {
        await using var registration = call.CancelBy(cancellationToken);
        try
        {
            var stream = await _stream.Task.ConfigureAwait(false);
            await outgoing.SendAsync(stream, message, marshaller, call.Token).ConfigureAwait(false);
            await stream.FlushAsync(call.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            if (call.Token.IsCancellationRequested) throw call.Fail("Error writing message.", e);

            // Not by this side: the server has ended the call without reading on, and HttpClient gives up the body. How the call
            // ended is not known here; the response, which is on its way, says it.
            throw call.Error(call.Final ?? new Status(StatusCode.Cancelled, "Error writing message.", e));
        }
    }
}

namespace Grpc.Client;

/// <summary>Messages from the server. One read at a time; what one read of the HTTP stream brought is handed out without another.</summary>
internal sealed class ClientStreamReader<T>(ClientCall call, Marshaller<T> marshaller, int? maxSize) : IAsyncStreamReader<T>
    where T : class
{
    private readonly ReceivedMessage _incoming = new();
    private readonly ReceiveBuffer _buffer = new();
    private Stream? _stream;
    private string? _encoding;
    private int _missing = MessageFrame.HeaderSize;
    private int _reading;

    public T Current { get; private set; } = default!;

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        call.ThrowIfDisposed();
        if (call.Final is { } status) return status.StatusCode == StatusCode.OK ? Task.FromResult(false) : Task.FromException<bool>(call.Error(status));
        if (Interlocked.CompareExchange(ref _reading, 1, 0) != 0)
        {
            return Task.FromException<bool>(
                new InvalidOperationException("Can't read the next message because the previous read is still in progress."));
        }

        return MoveNextAsync(cancellationToken);
    }

    /// <summary>Reads the next message without ending the call; false at the end of the response.</summary>
    public async ValueTask<bool> ReadAsync()
    {
        if (_stream is null)
        {
            var response = await call.RespondedAsync().ConfigureAwait(false);
            if (call.Final is { } status) throw call.Error(status);
            _encoding = ResponseStatus.Encoding(response);
            _stream = await response.Content.ReadAsStreamAsync(call.Token).ConfigureAwait(false);
        }

        while (!TryTake())
        {
            if (await _buffer.FillAsync(_stream, _missing, call.Token).ConfigureAwait(false)) continue;
            if (!_buffer.IsEmpty) throw new InvalidDataException("Unexpected end of content while reading the message.");
            Current = default!;
            return false;
        }

        return true;
    }

    private async Task<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        await using var registration = call.CancelBy(cancellationToken);
        try
        {
            // A stream may be silent for hours; it must not hold the last message all that time.
            Current = default!;
            if (await ReadAsync().ConfigureAwait(false)) return true;
            var status = call.FinishByTrailers();
            return status.StatusCode == StatusCode.OK ? false : throw call.Error(status);
        }
        catch (Exception e)
        {
            // A trailers-only response that says OK ends the stream without a message.
            if (call.Final is { StatusCode: StatusCode.OK }) return false;
            throw call.Fail("Error reading next message.", e);
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }

    private bool TryTake()
    {
        var unread = _buffer.Unread;
        if (!MessageFrame.TryRead(ref unread, maxSize, out var message, out var compressed, out _missing)) return false;
        if (compressed) message = MessageFrame.Decompress(message, maxSize, _encoding);
        Current = _incoming.Parse(message, marshaller.ContextualDeserializer);
        _buffer.KeepOnly(unread.Length);
        return true;
    }
}

namespace Switchboard.Client.Serving;

/// <summary>Holds the cancellation of one running handler. Can be cancelled from any thread, and more than once.</summary>
internal sealed class RunningRequest : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _source;
    private Task? _cancelling;
    private bool _disposed;
    private volatile bool _hasResponse;

    public RunningRequest(CancellationToken stop)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Token = _source.Token;
    }

    /// <summary>Gets the handler's token.</summary>
    public CancellationToken Token { get; }

    /// <summary>
    /// Gets whether the handler has begun its response. From then on its response call, and not the subscription, says when the request
    /// ends.
    /// </summary>
    public bool HasResponse => _hasResponse;

    /// <summary>Records that the response has begun.</summary>
    public void BeginResponse() => _hasResponse = true;

    /// <summary>
    /// Cancels the handler. Callbacks that it registered run on the thread pool, so that they cannot hold up the subscription's reader.
    /// </summary>
    public void Cancel()
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _cancelling ??= _source.CancelAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task? cancelling;
        lock (_gate)
        {
            _disposed = true;
            cancelling = _cancelling;
        }

        if (cancelling is not null)
        {
            // A callback that the handler registered may throw; the handler has ended, and nothing depends on it.
            await cancelling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _source.Dispose();
    }
}

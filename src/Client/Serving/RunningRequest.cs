namespace Switchboard.Client.Serving;

/// <summary>The token of one handler that runs, cancelled at most once, from any thread.</summary>
internal sealed class RunningRequest : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _source;
    private Task? _cancelling;
    private bool _disposed;
    private volatile bool _answering;

    public RunningRequest(CancellationToken stop)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Token = _source.Token;
    }

    public CancellationToken Token { get; }

    /// <summary>
    /// Whether the handler has begun to answer: from then on its answer call tells whether anybody waits, not the subscription.
    /// </summary>
    public bool Answering => _answering;

    public void BeginAnswer() => _answering = true;

    /// <summary>
    /// Cancels the handler. What the handler registered runs elsewhere, so that it cannot hold up the subscription's reader.
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
            // What the handler registered may throw; its own concern, and it has ended.
            await cancelling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _source.Dispose();
    }
}

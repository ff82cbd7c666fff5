using Microsoft.Extensions.Options;

namespace Switchboard.Api.Hosting;

/// <summary>
/// The order of stopping, for REST and gRPC alike (T5, PEERS 1.12). <see cref="Begun"/>: readiness is off, no session is taken, agents are
/// told to go. <see cref="Closed"/>: no call is taken, what runs goes on; that is at once where nobody else could take it, and else when
/// the agents have gone elsewhere. <see cref="Ended"/>: the drain time is over, or nothing ran any more; whoever still holds a request
/// answers it now. Only then the listeners close. Thread-safe.
/// </summary>
public sealed class Drain : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _begun = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _gate = new();
    private readonly TimeSpan _drainTime;
    private readonly TimeProvider _time;
    private readonly CancellationTokenRegistration _stopping;
    private TaskCompletionSource? _idle;
    private Task? _handedOver;
    private bool _decided;
    private volatile bool _closed;
    private long _running;

    /// <summary>Begins with the host's stopping, however that is asked for.</summary>
    public Drain(IHostApplicationLifetime lifetime, IOptions<ShutdownSettings> options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(lifetime);
        ArgumentNullException.ThrowIfNull(options);
        _drainTime = options.Value.DrainTime;
        _time = time;
        Begun = _begun.Token;
        Ended = _ended.Token;
        _stopping = lifetime.ApplicationStopping.UnsafeRegister(static state => ((Drain)state!).Begin(), this);
    }

    /// <summary>Fires when the stop begins.</summary>
    public CancellationToken Begun { get; }

    /// <summary>Fires when what is still open must be answered.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Is the front door stopping?</summary>
    public bool Stopping => _begun.IsCancellationRequested;

    /// <summary>Are new calls refused?</summary>
    public bool Closed => _closed;

    /// <summary>
    /// Asked once, when the stop begins, and set before: where there is somewhere else to go, a task that completes when everybody has
    /// gone there; until then, and at most for the drain time, calls are still taken. Null: there is nowhere else.
    /// </summary>
    public Func<Task?>? HandOver { get; set; }

    /// <summary>Requests and tasks under way.</summary>
    public long Running => Interlocked.Read(ref _running);

    /// <summary>Counts one request or task in. False: nothing new is taken any more, answer <c>draining</c>; nothing was counted.</summary>
    /// <remarks>
    /// Counted first and then looked: had it looked first, the door could be closed in between, nothing be found running and the
    /// connections be closed under a request that was let in. This way either the stop sees the count, or the request sees the stop.
    /// </remarks>
    public bool TryEnter()
    {
        Interlocked.Increment(ref _running);
        if (!_closed)
        {
            return true;
        }

        Exit();
        return false;
    }

    /// <summary>Counts one out that <see cref="TryEnter"/> let in.</summary>
    public void Exit()
    {
        if (Interlocked.Decrement(ref _running) == 0 && _closed)
        {
            lock (_gate)
            {
                _idle?.TrySetResult();
            }
        }
    }

    /// <inheritdoc />
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        Begin();
        var began = _time.GetTimestamp();
        if (_handedOver is { } handedOver)
        {
            await BoundAsync(handedOver, _drainTime, cancellationToken);
            _closed = true;
        }

        await WaitUntilIdleAsync(_drainTime - _time.GetElapsedTime(began), cancellationToken);
        await _ended.CancelAsync();
        await WaitUntilIdleAsync(ShutdownSettings.LastAnswers, cancellationToken);
    }

    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public void Dispose()
    {
        _stopping.Dispose();
        _begun.Dispose();
        _ended.Dispose();
    }

    // The door is closed before anybody hears of the stop. Under the lock, because the host calls twice, and the second call may come from
    // another thread while the first still runs.
    private void Begin()
    {
        lock (_gate)
        {
            if (!_decided)
            {
                _decided = true;
                _handedOver = HandOver?.Invoke();
                _closed = _handedOver is null;
            }
        }

        // Cancel, not CancelAsync: whoever called must find the flag set on return. What is registered on Begun only sets flags and
        // starts work elsewhere.
        _begun.Cancel();
    }

    private async Task WaitUntilIdleAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        Task idle;
        lock (_gate)
        {
            // Exit looks at the field under this lock after its count: either it finds the field, or we find the count at 0 here.
            _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (Running == 0)
            {
                return;
            }

            idle = _idle.Task;
        }

        await BoundAsync(idle, limit, cancellationToken);
    }

    private async Task BoundAsync(Task task, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await task.WaitAsync(limit > TimeSpan.Zero ? limit : TimeSpan.Zero, _time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // The limit, or the host lost patience: the next step comes all the same.
        }
    }
}

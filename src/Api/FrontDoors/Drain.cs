using Microsoft.Extensions.Options;

namespace Switchboard.Api.FrontDoors;

/// <summary>
/// Orders the stop, for REST and gRPC alike (T5). <see cref="Begun"/>: readiness is off, no session is accepted, agents are asked to leave.
/// <see cref="Closed"/>: no call is accepted, calls under way go on; at once where no other front door could take calls, and otherwise when
/// the agents have connected elsewhere, and then for <see cref="ShutdownOptions.Refusals"/> at least. <see cref="Ended"/>: the drain time has passed, or nothing was under way any more; every open
/// request now ends. Only then the listeners close. Thread-safe.
/// </summary>
internal sealed class Drain : IHostedLifecycleService, IDisposable
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

    /// <summary>Initializes a drain that begins with the host's stopping, whatever causes it.</summary>
    public Drain(IHostApplicationLifetime lifetime, IOptions<ShutdownOptions> options, TimeProvider time)
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

    /// <summary>Fires when every open request must end.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Gets whether the stop has begun.</summary>
    public bool Stopping => _begun.IsCancellationRequested;

    /// <summary>Gets whether new calls are refused.</summary>
    public bool Closed => _closed;

    /// <summary>
    /// Gets or sets a function that is called once, when the stop begins, and is set before. If there is another front door it returns a
    /// task that completes when all agents have connected there; until then, and at most for the drain time, calls are still accepted. Null
    /// if there is none.
    /// </summary>
    public Func<Task?>? HandOver { get; set; }

    /// <summary>The number of requests and tasks under way.</summary>
    public long Running => Interlocked.Read(ref _running);

    /// <summary>
    /// Counts one request or task. False: nothing is accepted any more, it is rejected as <c>draining</c>, and nothing was counted.
    /// </summary>
    /// <remarks>
    /// It counts first and then checks. Checking first, the drain could close in between, find nothing under way and close the connections
    /// under a request that was admitted. This way either the stop sees the count, or the request sees the stop.
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

    /// <summary>Uncounts one that <see cref="TryEnter"/> admitted.</summary>
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
            var left = _drainTime - _time.GetElapsedTime(began);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left < ShutdownOptions.Refusals ? left : ShutdownOptions.Refusals, _time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await WaitUntilIdleAsync(_drainTime - _time.GetElapsedTime(began), cancellationToken);
        await _ended.CancelAsync();
        await WaitUntilIdleAsync(ShutdownOptions.LastResponses, cancellationToken);
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

    // Closed before the stop is published. Under the lock, because the host calls twice, and the second call may come from another thread
    // while the first still runs.
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

        // Cancel, not CancelAsync: callers must find the flag set on return. Callbacks on Begun only set flags and start work elsewhere.
        _begun.Cancel();
    }

    private async Task WaitUntilIdleAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        Task idle;
        lock (_gate)
        {
            // Exit reads the field under this lock after its count: either it finds the field, or the count is found to be 0 here.
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
            // The drain time has passed, or the host's shutdown timeout: the next step follows in any case.
        }
    }
}

using Microsoft.Extensions.Options;

namespace Switchboard.Api.Hosting;

/// <summary>
/// The order of stopping, for REST and gRPC alike (T5). <see cref="Begun"/>: readiness is off and nothing new is taken, what runs goes
/// on. <see cref="Ended"/>: the drain time is over, or nothing ran any more; whoever still holds a request answers it now. Only then
/// the listeners close. Thread-safe.
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

    /// <summary>Fires when nothing new is to be taken any more.</summary>
    public CancellationToken Begun { get; }

    /// <summary>Fires when what is still open must be answered.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Is the front door stopping?</summary>
    public bool Stopping => _begun.IsCancellationRequested;

    /// <summary>Requests and tasks under way.</summary>
    public long Running => Interlocked.Read(ref _running);

    /// <summary>Counts one request or task in. False: the front door is stopping, answer <c>draining</c>; nothing was counted.</summary>
    /// <remarks>
    /// Counted first and then looked: had it looked first, a stop could begin in between, find nothing running and close the
    /// connections under a request that was let in. This way either the stop sees the count, or the request sees the stop.
    /// </remarks>
    public bool TryEnter()
    {
        Interlocked.Increment(ref _running);
        if (!Stopping)
        {
            return true;
        }

        Exit();
        return false;
    }

    /// <summary>Counts one out that <see cref="TryEnter"/> let in.</summary>
    public void Exit()
    {
        if (Interlocked.Decrement(ref _running) == 0 && Stopping)
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
        await WaitUntilIdleAsync(_drainTime, cancellationToken);
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

    // Cancel, not CancelAsync: whoever called must find the flag set on return. What is registered on Begun only sets flags and
    // starts work elsewhere.
    private void Begin() => _begun.Cancel();

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

        try
        {
            await idle.WaitAsync(limit, _time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // The limit, or the host lost patience: the next step comes all the same.
        }
    }
}

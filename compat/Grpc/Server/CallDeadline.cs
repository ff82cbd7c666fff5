namespace Grpc.Server;

/// <summary>
/// A call's deadline at the server. Two ends race for it, the handler's and the timer's; whoever moves <see cref="_phase"/> out of
/// Running writes the status, and the handler's end waits until the timer's has finished before the HttpContext goes back to Kestrel.
/// </summary>
internal sealed class CallDeadline
{
    private const int Running = 0;
    private const int Ended = 1;
    private const int Passing = 2;

    private readonly ServerCall _call;
    private readonly CancellationTokenSource _source;
    private readonly TaskCompletionSource _passed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _timer;
    private TimeSpan _left;
    private int _phase;

    public CallDeadline(ServerCall call, TimeSpan timeout, TimeProvider time)
    {
        _call = call;
        _source = CancellationTokenSource.CreateLinkedTokenSource(call.Lifetime.RequestAborted);
        Token = _source.Token;
        At = time.GetUtcNow().UtcDateTime + timeout;
        _left = timeout;

        // Created stopped, so that the callback cannot run before the field is set.
        _timer = time.CreateTimer(state => ((CallDeadline)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Arm();
    }

    /// <summary>UTC.</summary>
    public DateTime At { get; }

    /// <summary>Signals that the deadline has passed or the caller has gone.</summary>
    public CancellationToken Token { get; }

    public bool IsPassing => Volatile.Read(ref _phase) == Passing;

    /// <summary>The handler has ended. False where the deadline came first: then the status has been written already.</summary>
    public async ValueTask<bool> TryEndAsync()
    {
        var inTime = Interlocked.CompareExchange(ref _phase, Ended, Running) != Passing;
        if (!inTime) await _passed.Task;
        await _timer.DisposeAsync();
        _source.Dispose();
        return inTime;
    }

    private void Arm()
    {
        var due = _left < Wire.LongestTimer ? _left : Wire.LongestTimer;
        _left -= due;
        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        if (_left > TimeSpan.Zero) Arm();
        else if (Interlocked.CompareExchange(ref _phase, Passing, Running) == Running)
            _ = PassAsync();
    }

    private async Task PassAsync()
    {
        try
        {
            await _call.PassDeadlineAsync();
            await _source.CancelAsync();
        }
        catch (Exception e)
        {
            _call.LogDeadlineError(e);
        }
        finally
        {
            _passed.TrySetResult();
        }
    }
}

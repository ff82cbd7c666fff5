using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orleans.Timers;

/// <summary>
/// A timer whose ticks are turns of its activation. It never overlaps itself: the period is counted from the end of a tick.
/// </summary>
internal sealed partial class GrainTimer : Turn, IGrainTimer
{
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _tick;
    private readonly bool _interleave;
    private readonly bool _keepAlive;
    private readonly CancellationTokenSource _disposed = new();
    private readonly ITimer _timer;
    private TimeSpan _period;
    private TimeSpan? _changedDue;
    private int _firing;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> tick, GrainTimerCreationOptions options)
    {
        TurnQueue.ThrowIfOutside();
        if (!activation.Queue.IsCurrent)
        {
            throw new InvalidOperationException("Current grain context differs from specified grain context.");
        }

        (_activation, _tick, _interleave, _keepAlive) = (activation, tick, options.Interleave, options.KeepAlive);
        Check(options.DueTime, options.Period);
        _period = options.Period;
        using (ExecutionContext.SuppressFlow())
        {
            _timer = activation.Runtime.GrainTime.CreateTimer(
                static self => ((GrainTimer)self!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        activation.Add(this);
        _timer.Change(options.DueTime, Timeout.InfiniteTimeSpan);
    }

    public override bool AlwaysInterleaves => _interleave;

    public override bool IsReadOnly => false;

    public override bool KeepsAlive => _keepAlive;

    public override bool IsOver => _disposed.IsCancellationRequested;

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, period);
        _period = period;
        if (Volatile.Read(ref _firing) != 0)
        {
            _changedDue = dueTime;
        }
        else
        {
            _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        if (!_disposed.IsCancellationRequested)
        {
            _disposed.Cancel();
            _timer.Dispose();
            _activation.Remove(this);
        }
    }

    public override async Task RunAsync(TurnHost host)
    {
        _changedDue = null;
        try
        {
            await _tick(_disposed.Token);
        }
        catch (Exception exception)
        {
            LogTickFailed(_activation.Runtime.Log, exception, _activation.GrainId);
        }

        Volatile.Write(ref _firing, 0);
        if (!IsOver)
        {
            _timer.Change(_changedDue ?? _period, Timeout.InfiniteTimeSpan);
        }
    }

    public override void Refuse(Exception exception) => Dispose();

    public override void Forward() => Dispose();

    private void Fire()
    {
        // A change may have set the timer anew while the tick before was on its way; a tick is in the queue once only.
        if (Interlocked.Exchange(ref _firing, 1) == 0)
        {
            _activation.TryReceive(this);
        }
    }

    private static void Check(TimeSpan dueTime, TimeSpan period)
    {
        // The bounds of System.Threading.Timer: unsigned, -1 stands above all and is let through.
        const ulong Longest = 0xfffffffe;
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)(long)dueTime.TotalMilliseconds + 1, Longest + 1, nameof(dueTime));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)(long)period.TotalMilliseconds + 1, Longest + 1, nameof(period));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A timer of grain {Grain} failed; it goes on.")]
    private static partial void LogTickFailed(ILogger logger, Exception exception, GrainId grain);
}

using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>
/// Decides which turns run: one at a time, except where a turn may interleave. Everything here but <see cref="TryReceive"/>
/// is touched only inside the queue's turns, so it needs no lock.
/// </summary>
internal abstract class TurnHost
{
    private Turn? _firstWaiting;
    private Turn? _lastWaiting;
    private int _waiting;
    private int _waitingThatMayInterleave;
    private Turn? _blocking;

    protected TurnHost(GrainRuntime runtime)
    {
        Runtime = runtime;
        Queue = new TurnQueue(this, runtime.Scheduler);
    }

    public GrainRuntime Runtime { get; }

    public TurnQueue Queue { get; }

    /// <summary>How many turns have begun and not ended.</summary>
    protected int Running { get; private set; }

    protected bool HasWaiting => _waiting > 0;

    /// <summary>Whether turns may begin.</summary>
    protected abstract bool IsReady { get; }

    /// <summary>Whether any two calls may interleave.</summary>
    protected abstract bool IsReentrant { get; }

    /// <summary>Takes a turn; false when the host is gone and the turn must go elsewhere. From any thread.</summary>
    public bool TryReceive(Turn turn)
    {
        turn.Host = this;
        return Queue.TryEnqueue(turn);
    }

    /// <summary>A turn has come to the head of the queue.</summary>
    public void Arrive(Turn turn)
    {
        if (turn.IsOver)
        {
            return;
        }

        if (turn is Request && _waiting > 0 && Runtime.Messaging.MaxEnqueuedRequestsHardLimit is > 0 and var limit && Running + _waiting > limit)
        {
            turn.Refuse(new LimitExceededException(nameof(SiloMessagingOptions.MaxEnqueuedRequestsHardLimit), Running + _waiting, limit, this));
            return;
        }

        if (IsReady && MayStart(turn))
        {
            Start(turn);
            return;
        }

        Wait(turn);
        if (!IsReady)
        {
            OnArrivedUnready();
        }
    }

    /// <summary>The object that a call is made on.</summary>
    public abstract object GetTarget(Request request);

    /// <summary>A call threw. Whoever made it will be told, unless it was one-way.</summary>
    public abstract void OnFailed(Request request, Exception exception);

    /// <summary>A turn came that <see cref="IsReady"/> does not let begin; it waits.</summary>
    protected abstract void OnArrivedUnready();

    /// <summary>A turn has ended.</summary>
    protected abstract void OnEnded(Turn turn);

    /// <summary>Starts what may start of what waits, in its order.</summary>
    protected void Pump()
    {
        Turn? before = null;
        var turn = _firstWaiting;
        while (turn is not null && IsReady)
        {
            var next = turn.NextWaiting;
            if (turn.IsOver || MayStart(turn))
            {
                Unlink(before, turn);
                if (!turn.IsOver)
                {
                    Start(turn);
                }
            }
            else if (_waitingThatMayInterleave == 0)
            {
                return;
            }
            else
            {
                before = turn;
            }

            turn = next;
        }
    }

    /// <summary>Takes out everything that waits.</summary>
    protected IEnumerable<Turn> TakeWaiting()
    {
        var turn = _firstWaiting;
        _firstWaiting = _lastWaiting = null;
        _waiting = 0;
        _waitingThatMayInterleave = 0;
        while (turn is not null)
        {
            var next = turn.NextWaiting;
            turn.NextWaiting = null;
            yield return turn;
            turn = next;
        }
    }

    private bool MayStart(Turn turn)
        => Running == 0 || _blocking is null || turn.AlwaysInterleaves || IsReentrant || (turn.IsReadOnly && _blocking.IsReadOnly);

    private void Start(Turn turn)
    {
        Running++;
        if (!turn.AlwaysInterleaves)
        {
            _blocking ??= turn;
        }

        var done = turn.RunAsync(this);
        if (done.IsCompleted)
        {
            End(turn);
        }
        else
        {
            _ = EndLaterAsync(done, turn);
        }
    }

    private async Task EndLaterAsync(Task done, Turn turn)
    {
        await done;
        End(turn);
        Pump();
    }

    private void End(Turn turn)
    {
        Running--;
        if (_blocking == turn)
        {
            _blocking = null;
        }

        OnEnded(turn);
    }

    private void Wait(Turn turn)
    {
        if (_lastWaiting is null)
        {
            _firstWaiting = turn;
        }
        else
        {
            _lastWaiting.NextWaiting = turn;
        }

        _lastWaiting = turn;
        _waiting++;
        _waitingThatMayInterleave += MayInterleave(turn);
    }

    private void Unlink(Turn? before, Turn turn)
    {
        if (before is null)
        {
            _firstWaiting = turn.NextWaiting;
        }
        else
        {
            before.NextWaiting = turn.NextWaiting;
        }

        if (_lastWaiting == turn)
        {
            _lastWaiting = before;
        }

        turn.NextWaiting = null;
        _waiting--;
        _waitingThatMayInterleave -= MayInterleave(turn);
    }

    private static int MayInterleave(Turn turn) => turn.AlwaysInterleaves || turn.IsReadOnly ? 1 : 0;
}

using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>
/// Decides which turns run: one at a time, except where a turn may interleave. Everything here but <see cref="TryReceive"/>
/// is touched only inside the queue's turns, so it needs no lock.
/// </summary>
internal abstract class TurnHost
{
    private readonly LinkedList<Turn> _waiting = new();
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

    protected bool HasWaiting => _waiting.Count > 0;

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

        var (limit, count) = (Runtime.Messaging.MaxEnqueuedRequestsHardLimit, Running + _waiting.Count);
        if (limit > 0 && count > limit && turn is Request)
        {
            turn.Refuse(new LimitExceededException(nameof(SiloMessagingOptions.MaxEnqueuedRequestsHardLimit), count, limit, this));
            return;
        }

        if (IsReady && MayStart(turn))
        {
            Start(turn);
            return;
        }

        _waiting.AddLast(turn);
        _waitingThatMayInterleave += MayInterleave(turn);
        if (!IsReady)
        {
            OnArrivedUnready();
        }
    }

    /// <summary>The object that a call is made on.</summary>
    public abstract object GetTarget(Request request);

    /// <summary>A call threw.</summary>
    public virtual void OnFailed(Exception exception)
    {
    }

    /// <summary>A turn came that <see cref="IsReady"/> does not let begin; it waits.</summary>
    protected abstract void OnArrivedUnready();

    /// <summary>A turn has ended.</summary>
    protected abstract void OnEnded(Turn turn);

    /// <summary>Starts what may start of what waits, in its order.</summary>
    protected void Pump()
    {
        for (var node = _waiting.First; node is not null && IsReady;)
        {
            var (turn, next) = (node.Value, node.Next);
            if (turn.IsOver || MayStart(turn))
            {
                _waiting.Remove(node);
                _waitingThatMayInterleave -= MayInterleave(turn);
                if (!turn.IsOver)
                {
                    Start(turn);
                }
            }
            else if (_waitingThatMayInterleave == 0)
            {
                return;
            }

            node = next;
        }
    }

    /// <summary>Takes out everything that waits.</summary>
    protected Turn[] TakeWaiting()
    {
        Turn[] waiting = [.. _waiting];
        _waiting.Clear();
        _waitingThatMayInterleave = 0;
        return waiting;
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

    private static int MayInterleave(Turn turn) => turn.AlwaysInterleaves || turn.IsReadOnly ? 1 : 0;
}

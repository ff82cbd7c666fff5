using System.Diagnostics.CodeAnalysis;
using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>
/// A call on its way: its arguments, the reference it was made on, and who waits. For each method of an interface
/// <see cref="ProxyEmitter"/> makes a subclass with a field for each argument. Members that it overrides are public
/// because it lives in an assembly of its own.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without a timer or a wait handle holds nothing that must be given back.")]
internal abstract class Request : Turn
{
    private CancellationTokenRegistration _callerCancels;
    private CancellationTokenSource? _calleeIsCancelled;
    private int _over;

    public abstract MethodShape Shape { get; }

    /// <summary>The argument that is a cancellation token, if the method has one.</summary>
    public virtual CancellationToken CancellationArgument { get => default; set => _ = value; }

    public GrainReference Target { get; private set; } = null!;

    /// <summary>Where it stands among the calls that wait for an answer: <see cref="CallTimeouts"/>.</summary>
    public CallTimeouts.Entry TimeoutEntry;

    public sealed override bool AlwaysInterleaves => Shape.AlwaysInterleaves;

    public sealed override bool IsReadOnly => Shape.IsReadOnly;

    public sealed override bool KeepsAlive => true;

    public sealed override bool IsOver => Volatile.Read(ref _over) != 0;

    /// <summary>Replaces the arguments by copies, so that caller and grain share nothing that changes.</summary>
    public virtual void CopyArguments(CopyContext context)
    {
    }

    public sealed override void Refuse(Exception exception)
    {
        if (TryEnd())
        {
            SetException(exception);
        }
    }

    public sealed override void Forward() => Target.Runtime.Route(this);

    /// <summary>The caller has waited long enough. What happened to the call is not known: a turn that has begun goes on.</summary>
    public void TimeOut(TimeSpan timeout)
        => Refuse(new TimeoutException($"Response did not arrive on time in {timeout} for message: {this}. "));

    public override string ToString() => $"Request [{Target}] {Shape}";

    /// <summary>Hands the failure to whoever awaits the call.</summary>
    protected abstract void SetException(Exception exception);

    /// <summary>Sends the call.</summary>
    protected void Post(GrainReference target)
    {
        Target = target;
        var token = CancellationArgument;
        token.ThrowIfCancellationRequested();
        if (Shape.HasArgumentsToCopy)
        {
            CopyArguments(new CopyContext());
        }

        if (token.CanBeCanceled)
        {
            _calleeIsCancelled = new CancellationTokenSource();
            CancellationArgument = _calleeIsCancelled.Token;
        }

        var runtime = target.Runtime;
        if (!Shape.IsOneWay)
        {
            runtime.Timeouts.Add(this);
        }

        if (token.CanBeCanceled)
        {
            // Registered before it is sent: a cancellation meanwhile ends the call here, and the host drops it.
            _callerCancels = token.UnsafeRegister(static (self, cancelled) => ((Request)self!).Cancel(cancelled), this);
        }

        runtime.Route(this);
    }

    /// <summary>The turn threw.</summary>
    protected void Fail(TurnHost host, Exception exception)
    {
        host.OnFailed(this, exception);
        Refuse(exception);
    }

    /// <summary>True for whoever ends the call: an answer, the timeout, a cancellation or a refusal. Only the first counts.</summary>
    protected bool TryEnd()
    {
        if (Interlocked.Exchange(ref _over, 1) != 0)
        {
            return false;
        }

        if (!Shape.IsOneWay)
        {
            CallTimeouts.Remove(this);
        }

        _callerCancels.Unregister();
        return true;
    }

    private void Cancel(CancellationToken token)
    {
        // The grain's own token is cancelled in a turn of the grain, so that what is registered on it runs there.
        Host?.Queue.TryEnqueue(new CancelCallee(_calleeIsCancelled!));
        Refuse(new OperationCanceledException(token));
    }

    private sealed class CancelCallee(CancellationTokenSource source) : ITurnItem
    {
        public void Run() => source.Cancel();
    }
}

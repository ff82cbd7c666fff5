using System.Diagnostics.CodeAnalysis;
using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>
/// A call on its way: its arguments, the reference it was made on, and who waits. For each method of an interface
/// <see cref="ProxyEmitter"/> makes a subclass with a field for each argument. Members that it overrides or calls are public
/// because it lives in an assembly of its own.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without a timer or a wait handle holds nothing that must be given back.")]
internal abstract class Request : Turn
{
    private CancellationTokenRegistration _callerCancels;
    private CancellationTokenSource? _calleeIsCancelled;
    private int _over;

    public abstract MethodShape Shape { get; }

    /// <summary>The argument that is a cancellation token, if the method has one: the caller's, then the grain's own.</summary>
    public CancellationToken CancellationArgument;

    public GrainReference Target { get; private set; } = null!;

    /// <summary>Its place among the calls that wait for an answer: <see cref="CallTimeouts"/>.</summary>
    public CallTimeouts.Place? Place { get; set; }

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

    public override string ToString() => $"Request [{Target}] {Shape.Name}";

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

        if (!Shape.IsOneWay)
        {
            target.Runtime.Timeouts.Add(this);
        }

        if (token.CanBeCanceled)
        {
            _calleeIsCancelled = new CancellationTokenSource();
            CancellationArgument = _calleeIsCancelled.Token;
            // Registered before it is sent: a cancellation meanwhile ends the call here, and the host drops it.
            _callerCancels = token.UnsafeRegister(static (self, cancelled) => ((Request)self!).Cancel(cancelled), this);
        }

        target.Runtime.Route(this);
    }

    /// <summary>True for whoever ends the call: an answer, the timeout, a cancellation or a refusal. Only the first counts.</summary>
    protected bool TryEnd()
    {
        if (Interlocked.Exchange(ref _over, 1) != 0)
        {
            return false;
        }

        CallTimeouts.Remove(this);
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

/// <summary>A call whose caller awaits a <typeparamref name="T"/>; <see cref="Nothing"/> where the method has no result.</summary>
internal abstract class Request<T> : Request
{
    // In a turn, what awaits this goes on through the caller's queue in any case. Told to run continuations asynchronously, a
    // Task.WhenAll of calls would make a detour over the thread pool all the same, and then no seed decides when it comes back.
    private readonly TaskCompletionSource<T> _answer
        = new(TurnQueue.CurrentOwner is null ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None);

    /// <summary>Calls the method with the arguments.</summary>
    public abstract Task<T> Call(object target);

    public Task<T> Send(GrainReference target)
    {
        if (Shape.IsOneWay)
        {
            // Before it is sent: it may fail before this method goes on, and nobody is to hear of that.
            _answer.TrySetResult(default!);
        }

        Post(target);
        return _answer.Task;
    }

    public sealed override async Task RunAsync(TurnHost host)
    {
        try
        {
            var result = await Call(host.GetTarget(this));
            // Still in the grain's turn: the result is copied before the grain can go on changing it.
            var copy = IsOver || Shape.ResultIsImmutable ? result : Copiers.Copy(result);
            if (TryEnd())
            {
                _answer.TrySetResult(copy);
            }
        }
        catch (Exception exception)
        {
            host.OnFailed(exception);
            Refuse(exception);
            if (Shape.IsOneWay)
            {
                host.Runtime.LogOneWayFailed(exception, this);
            }
        }
    }

    protected sealed override void SetException(Exception exception)
    {
        if (exception is OperationCanceledException cancelled)
        {
            _answer.TrySetCanceled(cancelled.CancellationToken);
        }
        else
        {
            _answer.TrySetException(exception);
        }
    }
}

/// <summary>Stands for the result of a method that has none.</summary>
internal readonly struct Nothing;

/// <summary>Makes one kind of result of those that a method may have; called by emitted code.</summary>
internal static class Results
{
    private static readonly Task<Nothing> _done = Task.FromResult(default(Nothing));

    public static Task<Nothing> OfVoid() => _done;

    public static Task<Nothing> OfTask(Task task)
    {
        return task.IsCompletedSuccessfully ? _done : WaitAsync();

        async Task<Nothing> WaitAsync()
        {
            await task;
            return default;
        }
    }

    public static Task<Nothing> OfValueTask(ValueTask task) => task.IsCompletedSuccessfully ? _done : OfTask(task.AsTask());

    public static Task<T> OfValueTaskOf<T>(ValueTask<T> task) => task.AsTask();
}

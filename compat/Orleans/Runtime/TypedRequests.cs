using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>Stands for the result of a method that has none.</summary>
internal readonly struct Nothing;

/// <summary>A call whose caller awaits a <typeparamref name="T"/>.</summary>
internal abstract class Request<T> : Request
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected Task<T> PostForAnswer(GrainReference target)
    {
        if (Shape.IsOneWay)
        {
            // Before it is sent: it may fail before this method goes on, and nobody is to hear of that.
            _answer.TrySetResult(default!);
        }

        Post(target);
        return _answer.Task;
    }

    protected void Succeed(T result)
    {
        if (IsOver)
        {
            return;
        }

        // Still in the grain's turn: the result is copied before the grain can go on changing it.
        var copy = Shape.ResultIsImmutable ? result : Copiers.Copy(result);
        if (TryEnd())
        {
            _answer.TrySetResult(copy);
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

/// <summary>A call of a method that returns <see cref="Task"/>.</summary>
internal abstract class TaskRequest : Request<Nothing>
{
    public abstract Task Call(object target);

    public Task Send(GrainReference target) => PostForAnswer(target);

    public sealed override async Task RunAsync(TurnHost host)
    {
        try
        {
            await Call(host.GetTarget(this));
            Succeed(default);
        }
        catch (Exception exception)
        {
            Fail(host, exception);
        }
    }
}

/// <summary>A call of a method that returns <see cref="Task{TResult}"/>.</summary>
internal abstract class TaskRequest<T> : Request<T>
{
    public abstract Task<T> Call(object target);

    public Task<T> Send(GrainReference target) => PostForAnswer(target);

    public sealed override async Task RunAsync(TurnHost host)
    {
        try
        {
            Succeed(await Call(host.GetTarget(this)));
        }
        catch (Exception exception)
        {
            Fail(host, exception);
        }
    }
}

/// <summary>A call of a method that returns <see cref="ValueTask"/>.</summary>
internal abstract class ValueTaskRequest : Request<Nothing>
{
    public abstract ValueTask Call(object target);

    public ValueTask Send(GrainReference target) => new(PostForAnswer(target));

    public sealed override async Task RunAsync(TurnHost host)
    {
        try
        {
            await Call(host.GetTarget(this));
            Succeed(default);
        }
        catch (Exception exception)
        {
            Fail(host, exception);
        }
    }
}

/// <summary>A call of a method that returns <see cref="ValueTask{TResult}"/>.</summary>
internal abstract class ValueTaskRequest<T> : Request<T>
{
    public abstract ValueTask<T> Call(object target);

    public ValueTask<T> Send(GrainReference target) => new(PostForAnswer(target));

    public sealed override async Task RunAsync(TurnHost host)
    {
        try
        {
            Succeed(await Call(host.GetTarget(this)));
        }
        catch (Exception exception)
        {
            Fail(host, exception);
        }
    }
}

/// <summary>A call of a method that returns nothing: an observer's. Nobody hears of its failure.</summary>
internal abstract class VoidRequest : Request
{
    public abstract void Call(object target);

    public void Send(GrainReference target) => Post(target);

    public sealed override Task RunAsync(TurnHost host)
    {
        try
        {
            Call(host.GetTarget(this));
        }
        catch (Exception exception)
        {
            Fail(host, exception);
        }

        return Task.CompletedTask;
    }

    protected sealed override void SetException(Exception exception)
    {
        // One way: the caller has gone on.
    }
}

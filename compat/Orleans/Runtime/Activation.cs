using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Core.Internal;
using Orleans.Storage;
using Orleans.Timers;

namespace Orleans.Runtime;

/// <summary>
/// One life of a grain: made by its first call, gone when it was idle, asked to go, or failed to start. A later call makes the next.
/// </summary>
internal sealed partial class Activation : TurnHost, IGrainContext, IGrainManagementExtension
{
    private static long _lastNumber;

    private readonly Type _grainClass;
    private readonly HashSet<GrainTimer> _timers = [];
    // Awaited in turns of others only, through Task.WhenAll: see Request's answer.
    private readonly TaskCompletionSource _gone = new();
    private AsyncServiceScope? _scope;
    private GrainReference? _reference;
    private State _state = State.Creating;
    private DeactivationReason? _reason;
    private CancellationToken _deactivationToken;
    private long _lastUse;
    private DateTimeOffset _keepUntil;

    public Activation(GrainRuntime runtime, GrainId id, Type grainClass)
        : base(runtime)
    {
        (GrainId, _grainClass) = (id, grainClass);
        IsReentrant = GrainActivator.IsReentrant(grainClass);
    }

    private enum State
    {
        Creating,
        Activating,
        Valid,
        Deactivating,
        Gone,
    }

    public GrainId GrainId { get; }

    /// <summary>In the order in which they were made.</summary>
    public long Number { get; } = Interlocked.Increment(ref _lastNumber);

    public object? GrainInstance { get; private set; }

    public Type GrainClass => _grainClass;

    public GrainReference GrainReference => _reference ??= ProxyEmitter.Create(typeof(IGrain), Runtime, GrainId);

    public IServiceProvider ActivationServices => _scope!.Value.ServiceProvider;

    public Task Deactivated => _gone.Task;

    protected override bool IsReady => _state == State.Valid;

    protected override bool IsReentrant { get; }

    public override string ToString() => $"[Activation {GrainId} {_state}]";

    /// <summary>The grain, or this as the one extension that there is.</summary>
    public override object GetTarget(Request request)
        => request.Shape.InterfaceType == typeof(IGrainManagementExtension) ? this : GrainInstance!;

    public ValueTask DeactivateOnIdle()
    {
        Deactivate(new(DeactivationReasonCode.ApplicationRequested, "IGrainManagementExtension.DeactivateOnIdle was called."));
        return ValueTask.CompletedTask;
    }

    public override void OnFailed(Exception exception)
    {
        // The grain holds a state that is not the stored one: the next activation reads it anew. Only the grain whose state it was goes.
        if (exception is InconsistentStateException { IsSourceActivation: true } stale)
        {
            stale.IsSourceActivation = false;
            Deactivate(new(DeactivationReasonCode.ApplicationError, exception.Message));
        }
    }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
        => InTurn(() => BeginDeactivation(deactivationReason, cancellationToken));

    /// <summary>Deactivates if nothing was asked of the grain for so long. Completes at once if it is kept, else when it is gone.</summary>
    public async Task CollectAsync(TimeSpan age)
    {
        if (!IsIdle(age) || _state != State.Valid)
        {
            return;
        }

        // Looked at again in its turn: a call may have come in between.
        var decided = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        InTurn(() =>
        {
            var collected = IsReady && Running == 0 && !HasWaiting && IsIdle(age);
            if (collected)
            {
                BeginDeactivation(new(DeactivationReasonCode.ActivationIdle, "Activation is idle."), CancellationToken.None);
            }

            decided.SetResult(collected);
        });
        if (await decided.Task)
        {
            await Deactivated;
        }
    }

    public void DelayCollection(TimeSpan time) => _keepUntil = time switch
    {
        _ when time == TimeSpan.MaxValue || time == Timeout.InfiniteTimeSpan => DateTimeOffset.MaxValue,
        _ when time <= TimeSpan.Zero => default,
        _ => Runtime.CollectionTime.GetUtcNow() + time,
    };

    public void Add(GrainTimer timer)
    {
        lock (_timers)
        {
            _timers.Add(timer);
        }
    }

    /// <summary>From any thread: whoever holds a timer may dispose it.</summary>
    public void Remove(GrainTimer timer)
    {
        lock (_timers)
        {
            _timers.Remove(timer);
        }
    }

    protected override void OnArrivedUnready()
    {
        if (_state == State.Creating)
        {
            _state = State.Activating;
            _ = ActivateAsync();
        }
        else if (_state == State.Gone)
        {
            ForwardWaiting();
        }
    }

    protected override void OnEnded(Turn turn)
    {
        if (turn.KeepsAlive)
        {
            Volatile.Write(ref _lastUse, Runtime.CollectionTime.GetTimestamp());
        }

        if (_state == State.Deactivating && Running == 0)
        {
            _ = FinishDeactivationAsync();
        }
    }

    private bool IsIdle(TimeSpan age)
        => Runtime.CollectionTime.GetElapsedTime(Volatile.Read(ref _lastUse)) >= age && Runtime.CollectionTime.GetUtcNow() >= _keepUntil;

    private async Task ActivateAsync()
    {
        try
        {
            var patience = new CancellationTokenSource();
            using var timer = CancelAfter(Runtime.Collection.ActivationTimeout, patience);
            _scope = Runtime.Services.CreateAsyncScope();
            (GrainInstance, var states) = GrainActivator.Make(_grainClass, this);
            foreach (var state in states)
            {
                await state.ReadStateAsync(patience.Token);
            }

            if (GrainInstance is IGrainBase grain)
            {
                await grain.OnActivateAsync(patience.Token).WaitAsync(patience.Token);
            }
        }
        catch (Exception exception)
        {
            LogFailed(Runtime.Log, exception, nameof(IGrainBase.OnActivateAsync), GrainId);
            await EndAsync(exception);
            return;
        }

        _lastUse = Runtime.CollectionTime.GetTimestamp();
        _state = State.Valid;
        if (_reason is { } reason)
        {
            BeginDeactivation(reason, _deactivationToken);
        }
        else
        {
            Pump();
        }
    }

    private void BeginDeactivation(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_state is State.Deactivating or State.Gone)
        {
            return;
        }

        if (_state == State.Creating)
        {
            // Nobody has called it yet.
            _state = State.Deactivating;
            _ = EndAsync(null);
            return;
        }

        _reason ??= reason;
        _deactivationToken = cancellationToken;
        if (_state == State.Activating)
        {
            return;
        }

        _state = State.Deactivating;
        if (Running == 0)
        {
            _ = FinishDeactivationAsync();
        }
    }

    private async Task FinishDeactivationAsync()
    {
        DisposeTimers();
        try
        {
            var patience = new CancellationTokenSource();
            using var timer = CancelAfter(Runtime.Collection.DeactivationTimeout, patience);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _deactivationToken);
            if (GrainInstance is IGrainBase grain)
            {
                await grain.OnDeactivateAsync(_reason!.Value, either.Token).WaitAsync(either.Token);
            }
        }
        catch (Exception exception)
        {
            LogFailed(Runtime.Log, exception, nameof(IGrainBase.OnDeactivateAsync), GrainId);
        }

        await EndAsync(null);
    }

    /// <summary>In a turn, so that what the grain has registered on the token runs where the rest of it does.</summary>
    private ITimer CancelAfter(TimeSpan time, CancellationTokenSource source)
        => Runtime.CollectionTime.CreateTimer(_ => InTurn(source.Cancel), null, time, Timeout.InfiniteTimeSpan);

    /// <summary>The end: calls that wait get the failure, or go on to the next activation.</summary>
    private async Task EndAsync(Exception? failure)
    {
        DisposeTimers();
        // Out of the table before the queue closes: who is refused looks again and must not find this one.
        Runtime.Remove(this);
        Queue.Close();
        _state = State.Gone;
        if (failure is null)
        {
            ForwardWaiting();
        }
        else
        {
            foreach (var turn in TakeWaiting())
            {
                turn.Refuse(failure);
            }
        }

        try
        {
            await GrainActivator.DisposeAsync(GrainInstance);
            if (_scope is { } scope)
            {
                await scope.DisposeAsync();
            }
        }
        catch (Exception exception)
        {
            LogFailed(Runtime.Log, exception, nameof(IAsyncDisposable.DisposeAsync), GrainId);
        }

        _gone.TrySetResult();
    }

    private void ForwardWaiting()
    {
        foreach (var turn in TakeWaiting())
        {
            turn.Forward();
        }
    }

    private void DisposeTimers()
    {
        GrainTimer[] timers;
        lock (_timers)
        {
            timers = [.. _timers];
        }

        foreach (var timer in timers)
        {
            timer.Dispose();
        }
    }

    private void InTurn(Action action)
    {
        // Where it is gone there is no turn any more in which it could matter.
        if (Queue.IsCurrent || !Queue.TryEnqueue(new ActionItem(action)))
        {
            action();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} of grain {Grain} failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception, string method, GrainId grain);

    private sealed class ActionItem(Action action) : ITurnItem
    {
        public void Run() => action();
    }
}

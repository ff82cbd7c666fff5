using Orleans.Concurrency;

namespace Switchboard.Compat.Tests.Orleans;

/// <summary>A grain on which turns are tried out.</summary>
[Alias("compat.worker")]
public interface IWorker : IGrainWithStringKey
{
    [Alias("Add")]
    Task<int> Add(int a, int b);

    [Alias("Note")]
    ValueTask Note(string entry);

    [Alias("YieldALot")]
    Task YieldALot();

    [Alias("Hold")]
    Task Hold(string gate);

    [Alias("HoldBriefly")]
    [ResponseTimeout("00:00:01")]
    Task HoldBriefly(string gate);

    [Alias("Peek")]
    [AlwaysInterleave]
    Task<string> Peek();

    [Alias("HoldReading")]
    [ReadOnly]
    Task HoldReading(string gate);

    [Alias("Read")]
    [ReadOnly]
    Task<int> Read();

    [Alias("WhereDoesItResume")]
    Task<string> WhereDoesItResume();

    [Alias("Fail")]
    Task Fail(string message);

    [Alias("FailAtOnce")]
    Task<int> FailAtOnce(string message);

    [Alias("OneWay")]
    [OneWay]
    Task OneWay(string entry, bool fail);

    [Alias("Void")]
    void Void(string entry);

    [Alias("CallSelf")]
    [ResponseTimeout("00:00:02")]
    Task CallSelf();

    [Alias("CallOther")]
    Task<string> CallOther(string key, string gate);

    [Alias("WaitForCancel")]
    Task<string> WaitForCancel(string gate, CancellationToken cancellationToken);

    [Alias("GoAway")]
    Task GoAway();

    [Alias("GoAwayAfter")]
    Task GoAwayAfter(string gate);

    [Alias("ActivationNumber")]
    Task<int> ActivationNumber();

    [Alias("Self")]
    Task<IWorker> Self();
}

[GrainType("compat-worker")]
public sealed class WorkerGrain : Grain, IWorker
{
    private Diary Diary => Diary.Of(this.GetPrimaryKeyString());

    private int _number;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (_number, var fails) = Diary.Activate();
        await Task.Yield();
        if (fails)
        {
            throw new InvalidOperationException($"activation {_number} fails");
        }

        Diary.Write($"activated {_number}");
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Diary.Write($"deactivated {_number} {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public Task<int> Add(int a, int b) => Task.FromResult(a + b);

    public ValueTask Note(string entry)
    {
        Diary.Write(entry);
        return ValueTask.CompletedTask;
    }

    public async Task YieldALot()
    {
        Diary.Enter();
        for (var i = 0; i < 5; i++)
        {
            await Task.Yield();
        }

        Diary.Leave();
    }

    public async Task Hold(string gate)
    {
        Diary.Write($"holding {gate}");
        await Diary.PassAsync(gate);
        Diary.Write($"held {gate}");
    }

    public Task HoldBriefly(string gate) => Hold(gate);

    public Task<string> Peek() => Task.FromResult(string.Join(',', Diary.Entries));

    public Task HoldReading(string gate) => Hold(gate);

    public Task<int> Read() => Task.FromResult(Diary.Entries.Count);

    public async Task<string> WhereDoesItResume()
    {
        var scheduler = TaskScheduler.Current;
        await Task.Yield();
        var afterYield = TaskScheduler.Current == scheduler;
        await Task.Run(() => { });
        var afterRun = TaskScheduler.Current == scheduler;
        var inStarted = await Task.Factory.StartNew(() => TaskScheduler.Current == scheduler);
        return $"{scheduler != TaskScheduler.Default} {afterYield} {afterRun} {inStarted} {SynchronizationContext.Current is null}";
    }

    public async Task Fail(string message)
    {
        await Task.Yield();
        throw new InvalidOperationException(message);
    }

    public Task<int> FailAtOnce(string message) => throw new InvalidOperationException(message);

    public Task OneWay(string entry, bool fail)
    {
        Diary.Write(entry);
        return fail ? throw new InvalidOperationException(entry) : Task.CompletedTask;
    }

    public void Void(string entry) => Diary.Write(entry);

    public Task CallSelf() => GrainFactory.GetGrain<IWorker>(this.GetPrimaryKeyString()).HoldBriefly("never");

    public async Task<string> CallOther(string key, string gate)
    {
        Diary.Write($"calling {key}");
        await GrainFactory.GetGrain<IWorker>(key).Hold(gate);
        return $"{Diary.Entries.Count}";
    }

    public async Task<string> WaitForCancel(string gate, CancellationToken cancellationToken)
    {
        var scheduler = TaskScheduler.Current;
        var cancelled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = cancellationToken.Register(() => cancelled.TrySetResult(TaskScheduler.Current == scheduler));
        Diary.Write($"waiting {gate}");
        var inTurn = await cancelled.Task;
        Diary.Write($"cancelled {inTurn}");
        cancellationToken.ThrowIfCancellationRequested();
        return "not cancelled";
    }

    public Task GoAway()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task GoAwayAfter(string gate)
    {
        DeactivateOnIdle();
        return Hold(gate);
    }

    public Task<int> ActivationNumber() => Task.FromResult(_number);

    public Task<IWorker> Self() => Task.FromResult(this.AsReference<IWorker>());
}

/// <summary>A grain whose turns all interleave.</summary>
[Alias("compat.reentrant")]
public interface IReentrantWorker : IGrainWithStringKey
{
    [Alias("Hold")]
    Task Hold(string gate);

    [Alias("Count")]
    Task<int> Count();
}

[Reentrant]
[GrainType("compat-reentrant")]
public sealed class ReentrantWorkerGrain : Grain, IReentrantWorker
{
    private int _inside;

    public async Task Hold(string gate)
    {
        _inside++;
        Diary.Of(this.GetPrimaryKeyString()).Write($"holding {gate}");
        await Diary.Of(this.GetPrimaryKeyString()).PassAsync(gate);
        _inside--;
    }

    public Task<int> Count() => Task.FromResult(_inside);
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Tasks;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.Core.Tasks;

namespace Switchboard.Grains.Tasks;

/// <summary>
/// Represents one queue: a shell around <see cref="TaskPump{T}"/> with one pump (TaskQueueGrain.Pump.cs). Its methods interleave with the
/// pump and with each other; each is one turn without an await, so that none of them sees another half done.
/// </summary>
[GrainType(Names.GrainTypes.TaskQueue)]
internal sealed partial class TaskQueueGrain : Grain, ITaskQueueGrain
{
    private readonly GrainOptions _options;
    private readonly GrainClock _clock;
    private readonly ILogger<TaskQueueGrain> _logger;
    private readonly TaskPump<TaskSubmission> _queue;
    private readonly OutcomeSender _outcomes;
    private readonly IEnumerable<ITaskApplier> _appliers;
    private readonly QueueMeter _meter;
    private ITaskApplier? _applier;
    private QueueMeter.Depth? _depth;
    private int _counted;

    public TaskQueueGrain(
        IEnumerable<ITaskApplier> appliers,
        QueueMeter meter,
        IOptions<GrainOptions> options,
        [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider time,
        ILogger<TaskQueueGrain> logger)
    {
        _appliers = appliers;
        _meter = meter;
        _options = options.Value;
        _clock = new GrainClock(time);
        _logger = logger;
        _queue = new TaskPump<TaskSubmission>(_options.QueueCapacity, _options.QueueCapacityBytes, task => task.Payload.Length);
        _outcomes = new OutcomeSender(_clock, _options.ObserverCallTimeout, _options.QueueCapacity, (error, count) => Log.Undelivered(_logger, error, count));
    }

    private string Key => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // Key: tenant/queue. Callers check the name before they call a grain; this is for one that did not.
        var name = Key[(Key.IndexOf('/', StringComparison.Ordinal) + 1)..];
        _applier = _appliers.FirstOrDefault(a => a.Queue == name);
        if (_applier is not null)
        {
            _depth = _meter.Of(name);
        }

        return Task.CompletedTask;
    }

    public Task<TaskSubmitted> Submit(TaskSubmission task)
    {
        if (_applier is null)
        {
            DeactivateOnIdle();
            throw new InvalidOperationException($"No applier is registered for queue '{Key}'.");
        }

        var now = _clock.Now;
        var outcome = _queue.Submit(task.TaskId, task, now + task.TimeLeft, now);
        switch (outcome.Result)
        {
            case SubmitResult.Accepted:
                CountWaiting();
                StartPump();
                return Reply(TaskSubmitResult.Queued, outcome.Position);
            case SubmitResult.ExpiredAlready:
                Post(task, Verdict.ExpiredUnsent);
                return Reply(TaskSubmitResult.Queued);
            case SubmitResult.Duplicate:
                return Reply(TaskSubmitResult.DuplicateId);
            case SubmitResult.Stopped:
                return Reply(TaskSubmitResult.Stopping);
            default:
                return Reply(TaskSubmitResult.Full);
        }

        static Task<TaskSubmitted> Reply(TaskSubmitResult result, long position = 0) =>
            Task.FromResult(new TaskSubmitted { Result = result, Position = position });
    }

    public Task<TaskWithdrawResult> Withdraw(ulong taskId)
    {
        var result = _queue.Withdraw(taskId);
        CountWaiting();
        return Task.FromResult(result switch
        {
            WithdrawResult.Withdrawn => TaskWithdrawResult.Withdrawn,
            WithdrawResult.Begun => TaskWithdrawResult.Begun,
            _ => TaskWithdrawResult.Unknown,
        });
    }

    public Task<TaskQueueState> GetState() => Task.FromResult(new TaskQueueState
    {
        Waiting = _queue.Count,
        Capacity = _queue.Capacity,
        Applied = _queue.Applied,
        Busy = _queue.IsBusy,
    });

    /// <summary>
    /// Stops accepting tasks, ends the waiting ones as `draining`, and gives the task that is being applied a bounded time to end. If it
    /// does not, its outcome is unknown.
    /// </summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        EndWaiting();
        await StopPumpAsync();
        await _outcomes.WhenSentAsync();
    }

    private void EndWaiting()
    {
        var waited = _queue.Stop();
        CountWaiting();
        foreach (var task in waited)
        {
            Post(task.Payload, Verdict.Draining);
        }

        if (waited.Count > 0)
        {
            Log.Stopped(_logger, Key, waited.Count);
        }
    }

    // After every change of the number of waiting tasks: the difference to the last reported number, so that nothing is counted twice or
    // left behind.
    private void CountWaiting()
    {
        _depth?.Add(_queue.Count - _counted);
        _counted = _queue.Count;
    }

    private void Post(TaskSubmission task, Verdict verdict, ReadOnlyMemory<byte> result = default) =>
        _outcomes.Post(task.Observer, new TaskOutcome { TaskId = task.TaskId, Verdict = verdict, Result = result });

    private static partial class Log
    {
        [LoggerMessage(EventIds.TaskFailed, LogLevel.Warning, "Queue {Queue}: the applier failed task {Task} ({Kind}); the queue goes on.")]
        public static partial void TaskFailed(ILogger logger, Exception exception, string queue, RequestId task, string kind);

        [LoggerMessage(EventIds.TaskPumpDied, LogLevel.Error,
            "Queue {Queue}: its pump died. What waited is answered, a fresh activation takes over.")]
        public static partial void PumpDied(ILogger logger, Exception exception, string queue);

        [LoggerMessage(EventIds.TaskOutcomesUndelivered, LogLevel.Warning, "{Count} outcomes could not be delivered to a front door.")]
        public static partial void Undelivered(ILogger logger, Exception? exception, int count);

        [LoggerMessage(EventIds.TaskQueueStopped, LogLevel.Information,
            "Queue {Queue}: stopped; {Count} tasks that waited are answered `draining`.")]
        public static partial void Stopped(ILogger logger, string queue, int count);
    }
}

using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Tasks;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Telemetry;
using Switchboard.Api.Time;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.Core.Tasks;

namespace Switchboard.Api.Tasks;

/// <summary>
/// Submits tasks to their queues and waits for their outcomes: register, submit, wake up by outcome, deadline or a caller that left, and on
/// every path give up (seeds N1). See README.md beside this file.
/// </summary>
internal sealed partial class TaskSubmitter : IDisposable
{
    private const int IdTries = 5;

    // The time past its deadline in which a task's end is determined: asking the queue, and an outcome that is on its way.
    private static readonly TimeSpan _outcomeGrace = TimeSpan.FromMilliseconds(250);

    private readonly PendingReplies<TaskWaiter> _pending;
    private readonly IGrainFactory _grains;
    private readonly IFrontDoor _frontDoor;
    private readonly Drain _drain;
    private readonly SwitchboardMeter _meter;
    private readonly GatewayClock _clock;
    private readonly TimerWheel _wheel;
    private readonly ILogger<TaskSubmitter> _logger;
    private readonly TimeSpan _timeout;
    private readonly CancellationTokenRegistration _drainEnded;

    public TaskSubmitter(
        IOptions<TaskOptions> options,
        IGrainFactory grains,
        IFrontDoor frontDoor,
        Drain drain,
        SwitchboardMeter meter,
        GatewayClock clock,
        TimerWheel wheel,
        ILogger<TaskSubmitter> logger)
    {
        _timeout = options.Value.Timeout;
        _pending = new PendingReplies<TaskWaiter>(options.Value.MaxWaiting);
        _grains = grains;
        _frontDoor = frontDoor;
        _drain = drain;
        _meter = meter;
        _clock = clock;
        _wheel = wheel;
        _logger = logger;
        _drainEnded = drain.Ended.UnsafeRegister(static tasks => ((TaskSubmitter)tasks!).EndAll(), this);
        meter.ObservePending(() => _pending.Count);
    }

    /// <summary>The number of callers that wait for a task.</summary>
    public int Pending => _pending.Count;

    /// <summary>Returns the reference to a queue's grain, which is to be kept: creating one is not free.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="queue">The queue's name.</param>
    public ITaskQueueGrain Queue(string tenant, string queue) => _grains.GetGrain<ITaskQueueGrain>($"{tenant}/{queue}");

    /// <summary>Submits a task and waits for its end; never throws for expected failures.</summary>
    /// <param name="queue">From <see cref="Queue"/>.</param>
    /// <param name="kind">The kind of the task.</param>
    /// <param name="payload">The applier's input; it must not change any more.</param>
    /// <param name="arrived">
    /// <see cref="TimeProvider.GetTimestamp"/> when the request arrived: the one deadline counts from there (seeds A2).
    /// </param>
    /// <param name="callerGone">Fires when the caller has gone (seeds H6).</param>
    public async ValueTask<TaskResult> SubmitAsync(
        ITaskQueueGrain queue, string kind, ReadOnlyMemory<byte> payload, long arrived, CancellationToken callerGone)
    {
        if (!_frontDoor.Ready)
        {
            return Refused(default, Verdict.Draining, "The gateway is starting.");
        }

        if (!_drain.TryEnter())
        {
            return Refused(default, Verdict.Draining, "");
        }

        try
        {
            for (var attempt = 0; attempt < IdTries; attempt++)
            {
                // An id in use is the gateway's fault: another one is drawn, which the caller does not notice (seeds N6).
                if (await TryAsync(queue, kind, payload, _clock.At(arrived), callerGone) is { } result)
                {
                    _meter.TaskEnded(result.Verdict, _clock.Now - _clock.At(arrived));
                    return result;
                }
            }

            return Refused(default, Verdict.Internal, "");
        }
        finally
        {
            _drain.Exit();
        }
    }

    /// <summary>Delivers outcomes to their waiters. Does not wait; outcomes without a waiter are late, and only counted.</summary>
    public void Complete(IReadOnlyList<TaskOutcome> outcomes)
    {
        for (var i = 0; i < outcomes.Count; i++)
        {
            var outcome = outcomes[i];
            if (_pending.TryTrigger(outcome.TaskId, out var waiter))
            {
                waiter.Complete(outcome);
            }
            else
            {
                // Its caller has got its response already. Only counted: a late result is no error (seeds N7).
                _meter.LateTaskOutcome();
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _drainEnded.Dispose();

    // Null: the id was in use.
    private async ValueTask<TaskResult?> TryAsync(
        ITaskQueueGrain queue, string kind, ReadOnlyMemory<byte> payload, TimeSpan arrived, CancellationToken callerGone)
    {
        var id = _frontDoor.Ids.Next();
        var deadline = arrived + _timeout;
        var left = deadline - _clock.Now;
        if (left <= TimeSpan.Zero)
        {
            return Refused(id, Verdict.ExpiredUnsent, "");
        }

        var waiter = new TaskWaiter();
        switch (_pending.Register(id.Value, waiter))
        {
            case RegisterOutcome.DuplicateId:
                return null;
            case RegisterOutcome.Full:
                return Refused(id, Verdict.Overloaded, "Too many callers wait for tasks.");
        }

        try
        {
            using var gone = callerGone.UnsafeRegister(static waiter => ((TaskWaiter)waiter!).Wake(TaskWake.CallerGone), waiter);
            _wheel.Add(waiter, deadline);
            // The drain time may have ended between this task's admission and its registration: then nothing else wakes it.
            if (_drain.Ended.IsCancellationRequested)
            {
                waiter.Wake(TaskWake.Stopping);
            }

            var submission = new TaskSubmission
            {
                TaskId = id.Value,
                Kind = kind,
                Payload = payload,
                TimeLeft = left,
                Observer = _frontDoor.Observer(id.Value),
            };
            _ = SubmitAsync(queue, submission, waiter);
            var reason = await waiter.Woken;
            return reason switch
            {
                TaskWake.Outcome => FromOutcome(id, waiter.Outcome!),
                TaskWake.Refused => FromRefusal(id, waiter.Refusal),
                _ => await ResolveAsync(queue, id, waiter, reason),
            };
        }
        finally
        {
            _wheel.Remove(waiter);
            _pending.GiveUp(id.Value, waiter);
        }
    }

    private void EndAll()
    {
        foreach (var waiter in _pending.Snapshot())
        {
            waiter.Wake(TaskWake.Stopping);
        }
    }

    // Not awaited by the waiter: the outcome may arrive before the queue's reply to the submission, and the deadline counts for both. Ends
    // within the call's own bound, and never throws.
    private async Task SubmitAsync(ITaskQueueGrain queue, TaskSubmission submission, TaskWaiter waiter)
    {
        try
        {
            var submitted = await queue.Submit(submission);
            if (submitted.Result != TaskSubmitResult.Queued)
            {
                waiter.Refuse(submitted.Result);
            }
        }
        catch (Exception e)
        {
            Log.SubmitFailed(_logger, e, new RequestId(submission.TaskId));
            waiter.Wake(TaskWake.SubmitFailed);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.TaskSubmitFailed, LogLevel.Warning, "Task {TaskId} could not be submitted, or nobody knows whether it was")]
        public static partial void SubmitFailed(ILogger logger, Exception exception, RequestId taskId);

        [LoggerMessage(EventIds.TaskWithdrawFailed, LogLevel.Warning, "The queue did not say whether task {TaskId} had begun")]
        public static partial void WithdrawFailed(ILogger logger, Exception exception, RequestId taskId);
    }
}

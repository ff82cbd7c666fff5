using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Tasks;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Hosting;
using Switchboard.Api.Telemetry;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.Core.Tasks;

namespace Switchboard.Api.Tasks;

/// <summary>
/// Gives tasks to their queues and waits for their outcomes: register, submit, wake up by outcome, deadline or a caller that left,
/// and on every way out give up (seeds N1). See README.md beside this file.
/// </summary>
public sealed partial class TaskSubmitter : ITaskOutcomeSink, IDisposable
{
    private const int IdTries = 5;

    // How long past the deadline the truth about a task may take: asking the queue, and an outcome that is on its way.
    private static readonly TimeSpan LastWord = TimeSpan.FromMilliseconds(250);

    private readonly PendingReplies<TaskWaiter> _pending;
    private readonly IGrainFactory _grains;
    private readonly IFrontDoor _frontDoor;
    private readonly Drain _drain;
    private readonly SwitchboardMeter _meter;
    private readonly TimeProvider _time;
    private readonly ILogger<TaskSubmitter> _log;
    private readonly TimeSpan _timeout;
    private readonly DeadlineScan _scan;

    /// <summary>One a process.</summary>
    public TaskSubmitter(
        IOptions<TaskOptions> options,
        IGrainFactory grains,
        IFrontDoor frontDoor,
        Drain drain,
        SwitchboardMeter meter,
        TimeProvider time,
        ILogger<TaskSubmitter> log)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(meter);
        ArgumentNullException.ThrowIfNull(drain);
        _timeout = options.Value.Timeout;
        _pending = new PendingReplies<TaskWaiter>(options.Value.MaxWaiting);
        _grains = grains;
        _frontDoor = frontDoor;
        _drain = drain;
        _meter = meter;
        _time = time;
        _log = log;
        _scan = new DeadlineScan(_pending, _timeout, time, drain.Ended);
        meter.ObservePending(() => _pending.Count);
    }

    /// <summary>Callers that wait for a task.</summary>
    public int Pending => _pending.Count;

    /// <summary>The reference to a queue's grain; keep it, making one is not free.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="queue">The queue's name.</param>
    public ITaskQueueGrain Queue(string tenant, string queue) => _grains.GetGrain<ITaskQueueGrain>($"{tenant}/{queue}");

    /// <summary>Submits a task and waits for its end; never throws for what can be expected.</summary>
    /// <param name="queue">From <see cref="Queue"/>.</param>
    /// <param name="kind">What is to be done.</param>
    /// <param name="payload">The applier's input; nobody writes to it any more.</param>
    /// <param name="arrived">
    /// <see cref="TimeProvider.GetTimestamp"/> when the request arrived: the one deadline counts from there (seeds A2).
    /// </param>
    /// <param name="callerGone">Fires when nobody waits any more (seeds H6).</param>
    public async ValueTask<TaskResult> SubmitAsync(
        ITaskQueueGrain queue, string kind, ReadOnlyMemory<byte> payload, long arrived, CancellationToken callerGone)
    {
        ArgumentNullException.ThrowIfNull(queue);
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
                // An id in use is nobody's fault but ours: another one, and nobody hears of it (seeds N6).
                if (await TryAsync(queue, kind, payload, new TaskWaiter(arrived, callerGone)) is { } result)
                {
                    _meter.TaskEnded(result.Verdict, _time.GetElapsedTime(arrived));
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

    /// <inheritdoc />
    public void Complete(IReadOnlyList<TaskOutcome> outcomes)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        for (var i = 0; i < outcomes.Count; i++)
        {
            var outcome = outcomes[i];
            if (_pending.TryTrigger(outcome.TaskId, out var waiter))
            {
                waiter.Complete(outcome);
            }
            else
            {
                // Whoever waited has been answered already. Counted, no more: a late result is nobody's mistake (seeds N7).
                _meter.LateTaskOutcome();
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _scan.Dispose();

    // Null: the id was in use.
    private async ValueTask<TaskResult?> TryAsync(ITaskQueueGrain queue, string kind, ReadOnlyMemory<byte> payload, TaskWaiter waiter)
    {
        var id = _frontDoor.Ids.Next();
        var left = _timeout - _time.GetElapsedTime(waiter.Arrived);
        if (left <= TimeSpan.Zero)
        {
            return Refused(id, Verdict.ExpiredUnsent, "");
        }

        switch (_pending.Register(id.Value, waiter))
        {
            case RegisterOutcome.DuplicateId:
                return null;
            case RegisterOutcome.Full:
                return Refused(id, Verdict.Overloaded, "Too many callers wait for tasks.");
        }

        try
        {
            _scan.Arm();
            var submission = new TaskSubmission
            {
                TaskId = id.Value,
                Kind = kind,
                Payload = payload,
                TimeLeft = left,
                Lane = _frontDoor.Lane(id.Value),
            };
            _ = SubmitAsync(queue, submission, waiter);
            var reason = await waiter.Task;
            return reason switch
            {
                TaskWake.Outcome => FromOutcome(id, waiter.Outcome!),
                TaskWake.Refused => FromRefusal(id, waiter.Refusal),
                _ => await FindTruthAsync(queue, id, waiter, reason),
            };
        }
        finally
        {
            _pending.GiveUp(id.Value, waiter);
        }
    }

    // Not awaited by the one who waits: the outcome may be there before the queue's answer to the submission is, and the deadline
    // counts for both. Ends within the call's own bound, and never throws.
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
            LogSubmitFailed(_log, e, new RequestId(submission.TaskId));
            waiter.Wake(TaskWake.SubmitFailed);
        }
    }
}

using Orleans.CodeGeneration;
using Orleans.Concurrency;

namespace Switchboard.Abstractions.Tasks;

/// <summary>
/// Represents one queue; key <c>tenant/queue</c>. A bounded FIFO and one pump that applies its tasks one at a time, in the order of their
/// positions. The methods interleave with the pump and touch state only between awaits, so they return at once.
/// </summary>
[Alias(Names.Interfaces.TaskQueue), Version(Versions.TaskQueue)]
public interface ITaskQueueGrain : IGrainWithStringKey
{
    /// <summary>Queues a task. Its outcome goes to the submission's observer.</summary>
    [Alias("Submit"), ResponseTimeout(CallBounds.Turn), AlwaysInterleave]
    Task<TaskSubmitted> Submit(TaskSubmission task);

    /// <summary>Withdraws a task that has not begun.</summary>
    [Alias("Withdraw"), ResponseTimeout(CallBounds.Turn), AlwaysInterleave]
    Task<TaskWithdrawResult> Withdraw(ulong taskId);

    /// <summary>Returns the state of the queue.</summary>
    [Alias("GetState"), ResponseTimeout(CallBounds.Turn), AlwaysInterleave]
    Task<TaskQueueState> GetState();
}

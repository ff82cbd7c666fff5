using Switchboard.Abstractions;
using Switchboard.Core.Ids;

namespace Switchboard.Api.Tasks;

/// <content>What is logged.</content>
public sealed partial class TaskSubmitter
{
    [LoggerMessage(EventIds.TaskSubmitFailed, LogLevel.Warning, "Task {TaskId} could not be submitted, or nobody knows whether it was",
        EventName = nameof(EventIds.TaskSubmitFailed))]
    private static partial void LogSubmitFailed(ILogger logger, Exception exception, RequestId taskId);

    [LoggerMessage(EventIds.TaskWithdrawFailed, LogLevel.Warning, "The queue did not say whether task {TaskId} had begun",
        EventName = nameof(EventIds.TaskWithdrawFailed))]
    private static partial void LogWithdrawFailed(ILogger logger, Exception exception, RequestId taskId);
}

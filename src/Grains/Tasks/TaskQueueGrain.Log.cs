using Microsoft.Extensions.Logging;
using Switchboard.Abstractions;
using Switchboard.Core.Ids;

namespace Switchboard.Grains.Tasks;

internal sealed partial class TaskQueueGrain
{
    [LoggerMessage(EventIds.TaskFailed, LogLevel.Warning, "Queue {Queue}: the applier failed task {Task} ({Kind}); the queue goes on.",
        EventName = nameof(EventIds.TaskFailed))]
    private partial void LogTaskFailed(Exception exception, string queue, RequestId task, string kind);

    [LoggerMessage(EventIds.TaskPumpDied, LogLevel.Error,
        "Queue {Queue}: its pump died. What waited is answered, a fresh activation takes over.",
        EventName = nameof(EventIds.TaskPumpDied))]
    private partial void LogPumpDied(Exception exception, string queue);

    [LoggerMessage(EventIds.TaskOutcomesUndelivered, LogLevel.Warning, "{Count} outcomes could not be delivered to a front door.",
        EventName = nameof(EventIds.TaskOutcomesUndelivered))]
    private partial void LogUndelivered(Exception? exception, int count);

    [LoggerMessage(EventIds.TaskQueueStopped, LogLevel.Information,
        "Queue {Queue}: stopped; {Count} tasks that waited are answered `draining`.",
        EventName = nameof(EventIds.TaskQueueStopped))]
    private partial void LogStopped(string queue, int count);
}

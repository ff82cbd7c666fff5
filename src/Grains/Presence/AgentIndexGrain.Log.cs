using Microsoft.Extensions.Logging;
using Switchboard.Abstractions;

namespace Switchboard.Grains.Presence;

internal sealed partial class AgentIndexGrain
{
    [LoggerMessage(EventIds.IndexEvicted, LogLevel.Warning, "The index is full ({Agents} agents, {Bytes} bytes) and has forgotten agent {Tenant}/{Agent}.",
        EventName = nameof(EventIds.IndexEvicted))]
    private partial void LogEvicted(string tenant, string agent, int agents, long bytes);
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Presence;
using Switchboard.Core.Agents;

namespace Switchboard.Grains.Presence;

/// <summary>One shard of the index: a shell around <see cref="AgentIndex"/>.</summary>
[GrainType(Names.GrainTypes.AgentIndex)]
internal sealed partial class AgentIndexGrain(IOptions<GrainOptions> options, ILogger<AgentIndexGrain> logger) : Grain, IAgentIndexGrain
{
    /// <summary>The most agents on one page.</summary>
    private const int LongestPage = 1000;

    // Nothing is written down, so an idle shard stays. A fresh activation knows an agent again with the next report about it.
    private static readonly TimeSpan _stay = TimeSpan.FromDays(1);

    private readonly ILogger<AgentIndexGrain> _logger = logger;
    private readonly AgentIndex _index = new(options.Value.IndexCapacity);

    public Task Report(AgentReport report)
    {
        if (!AgentKey.TryCreate(report.Tenant, report.AgentId, out _, out var problem))
            throw new ArgumentException(problem, nameof(report));
        DelayDeactivation(_stay);
        if (_index.Report(report) is { } forgotten)
            LogEvicted(forgotten.Tenant, forgotten.AgentId, options.Value.IndexCapacity);
        return Task.CompletedTask;
    }

    public Task<AgentPage> List(AgentQuery query) =>
        Task.FromResult(_index.List(query with { Limit = Math.Clamp(query.Limit, 1, LongestPage) }));

    public Task<AgentReport?> Find(string tenant, string agentId) => Task.FromResult(_index.Find(tenant, agentId));
}

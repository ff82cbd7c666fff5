using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Presence;
using Switchboard.Core.Agents;

namespace Switchboard.Grains.Presence;

/// <summary>One shard of the index: a shell around <see cref="AgentIndex"/>.</summary>
[GrainType(Names.GrainTypes.AgentIndex)]
internal sealed partial class AgentIndexGrain(
    IOptions<GrainOptions> options, IndexMeter meter, TimeProvider time, ILogger<AgentIndexGrain> logger) : Grain, IAgentIndexGrain
{
    /// <summary>The most agents on one page.</summary>
    private const int LongestPage = 1000;

    /// <summary>The most agents that one turn forgets; more than one turn brings, so that it keeps up.</summary>
    private const int ForgottenAtOnce = 100;

    // Nothing is written down, so an idle shard stays. A fresh activation knows an agent again with the next report about it.
    private static readonly TimeSpan _stay = TimeSpan.FromDays(1);

    private readonly ILogger<AgentIndexGrain> _logger = logger;
    private readonly AgentIndex _index = new(options.Value.IndexCapacity, options.Value.IndexCapacityBytes);
    private (int Agents, long Bytes) _told;

    public Task Report(AgentReport report)
    {
        if (!AgentKey.TryCreate(report.Tenant, report.AgentId, out _, out var problem))
            throw new ArgumentException(problem, nameof(report));
        DelayDeactivation(_stay);
        Forget();
        foreach (var forgotten in _index.Report(report))
            LogEvicted(forgotten.Tenant, forgotten.AgentId, _index.Count, _index.Bytes);
        Tell();
        return Task.CompletedTask;
    }

    public Task<AgentPage> List(AgentQuery query)
    {
        Forget();
        return Task.FromResult(_index.List(query with { Limit = Math.Clamp(query.Limit, 1, LongestPage) }));
    }

    public Task<AgentReport?> Find(string tenant, string agentId) => Task.FromResult(_index.Find(tenant, agentId));

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        meter.Add(-_told.Agents, -_told.Bytes);
        return Task.CompletedTask;
    }

    private void Forget()
    {
        if (_index.Forget(time.GetUtcNow() - options.Value.IndexForgetAfter, ForgottenAtOnce) > 0)
            Tell();
    }

    private void Tell()
    {
        meter.Add(_index.Count - _told.Agents, _index.Bytes - _told.Bytes);
        _told = (_index.Count, _index.Bytes);
    }
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.Presence;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Core.Agents;

namespace Switchboard.Grains.Presence;

/// <summary>Represents one shard of the index: a shell around <see cref="AgentIndex"/>.</summary>
[GrainType(Names.GrainTypes.AgentIndex)]
internal sealed partial class AgentIndexGrain(
    IOptions<GrainOptions> options, IndexMeter meter, TimeProvider time, ILogger<AgentIndexGrain> logger) : Grain, IAgentIndexGrain
{
    /// <summary>The maximum number of agents on one page.</summary>
    private const int LongestPage = 1000;

    /// <summary>The maximum number of agents that one turn removes; more than one turn adds, so that it keeps up.</summary>
    private const int ForgottenAtOnce = 100;

    /// <summary>How many agents' grains are told at a time that a front door is gone.</summary>
    private const int ToldAtOnce = 64;

    // Nothing is written down, so an idle shard stays. A fresh activation knows an agent again with the next report about it.
    private static readonly TimeSpan _stay = TimeSpan.FromDays(1);

    private readonly ILogger<AgentIndexGrain> _logger = logger;
    private readonly AgentIndex _index = new(options.Value.IndexCapacity, options.Value.IndexCapacityBytes);
    private (int Agents, long Bytes) _measured;

    public Task Report(AgentReport report)
    {
        if (!AgentKey.TryCreate(report.Tenant, report.AgentId, out _, out var problem))
        {
            throw new ArgumentException(problem, nameof(report));
        }

        DelayDeactivation(_stay);
        Forget();
        foreach (var forgotten in _index.Report(report))
        {
            Log.Evicted(_logger, forgotten.Tenant, forgotten.AgentId, _index.Count, _index.Bytes);
        }

        UpdateMeter();
        return Task.CompletedTask;
    }

    public Task FrontDoorGone(ushort frontDoor)
    {
        var gone = _index.FrontDoorGone(frontDoor);
        if (gone.Count > 0)
        {
            Log.FrontDoorGone(_logger, frontDoor, gone.Count);
            _ = TellAgentsAsync(frontDoor, gone);
        }

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
        meter.Add(-_measured.Agents, -_measured.Bytes);
        return Task.CompletedTask;
    }

    // Not awaited by the turn. An agent's grain that is not told finds out with the first request that it sends there.
    private async Task TellAgentsAsync(ushort frontDoor, IReadOnlyList<AgentReport> agents)
    {
        foreach (var some in agents.Chunk(ToldAtOnce))
        {
            await Task.WhenAll(some.Select(agent => TellAgentAsync(frontDoor, agent)));
        }
    }

    private async Task TellAgentAsync(ushort frontDoor, AgentReport agent)
    {
        try
        {
            await GrainFactory.GetGrain<IAgentGrain>(AgentKey.Parse($"{agent.Tenant}/{agent.AgentId}").ToString()).FrontDoorGone(frontDoor);
        }
        catch (Exception e)
        {
            Log.AgentUntold(_logger, agent.Tenant, agent.AgentId, frontDoor, e);
        }
    }

    private void Forget()
    {
        if (_index.Forget(time.GetUtcNow() - options.Value.IndexForgetAfter, ForgottenAtOnce) > 0)
        {
            UpdateMeter();
        }
    }

    private void UpdateMeter()
    {
        meter.Add(_index.Count - _measured.Agents, _index.Bytes - _measured.Bytes);
        _measured = (_index.Count, _index.Bytes);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.IndexFrontDoorGone, LogLevel.Information, "Front door {FrontDoor} is gone; {Agents} agents that were connected there are offline.")]
        public static partial void FrontDoorGone(ILogger logger, ushort frontDoor, int agents);

        [LoggerMessage(EventIds.IndexAgentUntold, LogLevel.Debug, "The grain of agent {Tenant}/{Agent} could not be told that front door {FrontDoor} is gone.")]
        public static partial void AgentUntold(ILogger logger, string tenant, string agent, ushort frontDoor, Exception exception);

        [LoggerMessage(EventIds.IndexEvicted, LogLevel.Warning, "The index is full ({Agents} agents, {Bytes} bytes) and has forgotten agent {Tenant}/{Agent}.")]
        public static partial void Evicted(ILogger logger, string tenant, string agent, int agents, long bytes);
    }
}

using Orleans.CodeGeneration;

namespace Switchboard.Abstractions.Presence;

/// <summary>One shard of the index: which agents exist, with labels and when they were last seen. Key: the shard's number.</summary>
[Alias(Names.Interfaces.AgentIndex), Version(Versions.AgentIndex)]
public interface IAgentIndexGrain : IGrainWithStringKey
{
    /// <summary>The only shard so far.</summary>
    const string FirstShard = "0";

    /// <summary>A front door reports a connect or a disconnect. One about an older connect than the known is ignored.</summary>
    [Alias("Report"), ResponseTimeout(CallBounds.Turn)]
    Task Report(AgentReport report);

    /// <summary>Lists agents.</summary>
    [Alias("List"), ResponseTimeout(CallBounds.Turn)]
    Task<AgentPage> List(AgentQuery query);

    /// <summary>One agent; null where it was never seen.</summary>
    [Alias("Find"), ResponseTimeout(CallBounds.Turn)]
    Task<AgentReport?> Find(string tenant, string agentId);
}

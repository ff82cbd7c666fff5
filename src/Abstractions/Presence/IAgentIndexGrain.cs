using Orleans.CodeGeneration;

namespace Switchboard.Abstractions.Presence;

/// <summary>
/// Represents one shard of the index: which agents exist, with labels and when they were last seen. Key: the shard's number.
/// </summary>
[Alias(Names.Interfaces.AgentIndex), Version(Versions.AgentIndex)]
public interface IAgentIndexGrain : IGrainWithStringKey
{
    /// <summary>The only shard so far.</summary>
    const string FirstShard = "0";

    /// <summary>Reports a connect or a disconnect. A report of an older connect than the known one is ignored.</summary>
    [Alias("Report"), ResponseTimeout(CallBounds.Turn)]
    Task Report(AgentReport report);

    /// <summary>
    /// A front door is gone, or its number is nobody's any more: the agents that were connected there are offline. Their grains are told,
    /// without waiting for them.
    /// </summary>
    [Alias("FrontDoorGone"), ResponseTimeout(CallBounds.Turn)]
    Task FrontDoorGone(ushort frontDoor);

    /// <summary>Lists agents.</summary>
    [Alias("List"), ResponseTimeout(CallBounds.Turn)]
    Task<AgentPage> List(AgentQuery query);

    /// <summary>Returns one agent; null if it was never seen.</summary>
    [Alias("Find"), ResponseTimeout(CallBounds.Turn)]
    Task<AgentReport?> Find(string tenant, string agentId);
}

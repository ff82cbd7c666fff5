namespace Switchboard.Core.Agents;

/// <summary>What a new session of an agent means to those that are there.</summary>
public enum SessionPolicy
{
    /// <summary>It takes their place: an agent is one process, and the newest connection is the one that lives.</summary>
    Latest,

    /// <summary>It stands beside them: the agent is several processes that share its requests.</summary>
    Pool,
}

namespace Switchboard.Core.Agents;

/// <summary>Specifies what a new session of an agent does to the existing ones.</summary>
public enum SessionPolicy
{
    /// <summary>It displaces them: an agent is one process, and its newest connection is the current one.</summary>
    Latest,

    /// <summary>It is added to them: the agent is several processes that share its requests.</summary>
    Pool,
}

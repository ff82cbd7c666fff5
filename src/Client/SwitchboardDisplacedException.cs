using Grpc.Core;

namespace Switchboard.Client;

/// <summary>
/// Another process subscribed with this agent's id, so this one stopped: two that both came back at once would take the id
/// from each other for ever. <see cref="SwitchboardAgentOptions.RejoinWhenDisplaced"/> makes it come back later instead.
/// </summary>
public sealed class SwitchboardDisplacedException : SwitchboardException
{
    /// <summary>The error for an agent id.</summary>
    public SwitchboardDisplacedException(string agentId)
        : base($"Another process has connected as agent '{agentId}', so this one stopped.", "displaced", StatusCode.OK, null, null, null) =>
        AgentId = agentId;

    /// <summary>The id that is served by another process now.</summary>
    public string AgentId { get; }
}

using Grpc.Core;

namespace Switchboard.Client;

/// <summary>
/// The exception that ends an agent when another process has subscribed with its id. The agent does not reconnect, because two processes
/// that both did would displace each other for ever; <see cref="SwitchboardAgentOptions.RejoinWhenDisplaced"/> makes it come back after
/// a delay.
/// </summary>
public sealed class SwitchboardDisplacedException : SwitchboardException
{
    internal SwitchboardDisplacedException(string agentId)
        : base($"Another process has connected as agent '{agentId}', so this one stopped.", "displaced", StatusCode.OK, null, null, null) =>
        AgentId = agentId;

    /// <summary>Gets the agent id that the other process has taken.</summary>
    public string AgentId { get; }
}

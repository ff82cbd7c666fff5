using Microsoft.Extensions.Logging;
using Switchboard.Client.Wire;

namespace Switchboard.Client;

/// <summary>How a <see cref="SwitchboardAgent"/> connects.</summary>
public sealed record SwitchboardAgentOptions
{
    /// <summary>The least that an agent waits before it takes its id back from another process (DESIGN.md, section 4).</summary>
    public static readonly TimeSpan LeastRejoinDelay = TimeSpan.FromSeconds(60);

    /// <summary>The gateway's gRPC address, such as <c>http://127.0.0.1:8081</c>.</summary>
    public required Uri Address { get; init; }

    /// <summary>
    /// The id under which callers find this agent: 1 to 128 of <c>A-Z a-z 0-9 . _ : -</c>, first and last a letter or digit.
    /// </summary>
    public required string AgentId { get; init; }

    /// <summary>What describes this agent to whoever lists agents. Empty by default.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The version of the agent's own program, shown beside its labels. Empty by default.</summary>
    public string SoftwareVersion { get; init; } = "";

    /// <summary>
    /// How many requests the gateway may hand over at once, at most 65,535. The default, 0, takes the gateway's own default.
    /// </summary>
    public int MaxInFlight { get; init; }

    /// <summary>The shortest wait before connecting again. The default value is 250 ms.</summary>
    public TimeSpan ReconnectDelayMin { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest wait before connecting again, unless the gateway asks for a longer one. The default value is 30 s.</summary>
    public TimeSpan ReconnectDelayMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether the agent comes back after another process has taken its id. Off by default: it ends with
    /// <see cref="SwitchboardDisplacedException"/>.
    /// </summary>
    public bool RejoinWhenDisplaced { get; init; }

    /// <summary>How long it stays away then. The default value is 60 s, and no less is allowed.</summary>
    public TimeSpan RejoinDelay { get; init; } = LeastRejoinDelay;

    /// <summary>Is told of every change: connected, waiting to reconnect, draining, stopped. Must return at once and not throw.</summary>
    public Action<SwitchboardAgentStatus>? StatusChanged { get; init; }

    /// <summary>Where the agent logs to; nowhere by default. Bodies and headers are never logged.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>The clock. The default value is the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Draws from [0, 1) for the jitter of reconnects; tests put their own here.</summary>
    internal Func<double> Draw { get; init; } = new Random().NextDouble;

    internal void Validate()
    {
        List<string> faults = [];
        if (GatewayChannel.Fault(Address) is { } fault)
        {
            faults.Add(fault);
        }

        if (!AgentIdRule.Holds(AgentId))
        {
            faults.Add($"AgentId is '{AgentId}'; it must be {AgentIdRule.Text}.");
        }

        if (MaxInFlight is < 0 or > ushort.MaxValue)
        {
            faults.Add($"MaxInFlight is {MaxInFlight}; it must be from 0 to 65,535.");
        }

        if (ReconnectDelayMin <= TimeSpan.Zero || ReconnectDelayMax < ReconnectDelayMin || ReconnectDelayMax > TimeSpan.FromDays(1))
        {
            faults.Add($"ReconnectDelayMin and ReconnectDelayMax are {ReconnectDelayMin} and {ReconnectDelayMax}; "
                + "the first must be over zero, the second no less than it and at most a day.");
        }

        if (RejoinDelay < LeastRejoinDelay || RejoinDelay > TimeSpan.FromDays(1))
        {
            faults.Add($"RejoinDelay is {RejoinDelay}; it must be from 60 s to a day.");
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException($"{nameof(SwitchboardAgentOptions)}: {string.Join(" ", faults)}");
        }
    }
}

using Microsoft.Extensions.Logging;
using Switchboard.Client.Wire;

namespace Switchboard.Client;

/// <summary>Provides options for a <see cref="SwitchboardAgent"/>.</summary>
public sealed record SwitchboardAgentOptions
{
    /// <summary>The minimum of <see cref="RejoinDelay"/>: 60 seconds.</summary>
    public static readonly TimeSpan MinRejoinDelay = TimeSpan.FromSeconds(60);

    /// <summary>Gets the gateway's gRPC address, such as <c>http://127.0.0.1:8081</c>.</summary>
    public required Uri Address { get; init; }

    /// <summary>
    /// Gets the id by which callers address this agent: 1 to 128 of <c>A-Z a-z 0-9 . _ : -</c>, the first and the last a letter or digit.
    /// </summary>
    public required string AgentId { get; init; }

    /// <summary>Gets the labels that describe this agent in listings. Empty by default.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the version of the agent's program, which listings show beside its labels. Empty by default.</summary>
    public string SoftwareVersion { get; init; } = "";

    /// <summary>
    /// Gets the maximum number of requests that the gateway has in flight to this agent, at most 65,535. The default value is 0: the
    /// gateway's own default applies.
    /// </summary>
    public int MaxInFlight { get; init; }

    /// <summary>Gets the minimum delay before the agent reconnects. The default value is 250 milliseconds.</summary>
    public TimeSpan MinReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Gets the maximum delay before the agent reconnects, unless the gateway asks for a longer one. At most a day. The default value
    /// is 30 seconds.
    /// </summary>
    public TimeSpan MaxReconnectDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets whether the agent reconnects after another process has taken its id. The default value is <see langword="false"/>:
    /// <see cref="SwitchboardAgent.RunAsync"/> throws <see cref="SwitchboardDisplacedException"/>.
    /// </summary>
    public bool RejoinWhenDisplaced { get; init; }

    /// <summary>
    /// Gets the delay before a displaced agent takes its id back, from <see cref="MinRejoinDelay"/> to a day. The default value is
    /// 60 seconds.
    /// </summary>
    public TimeSpan RejoinDelay { get; init; } = MinRejoinDelay;

    /// <summary>Gets a callback for every change of the connection. It must return at once and must not throw.</summary>
    public Action<SwitchboardAgentStatus>? StatusChanged { get; init; }

    /// <summary>
    /// Gets the factory of the agent's loggers, or <see langword="null"/>, the default, for no logs. Bodies and headers are never logged.
    /// </summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Gets the clock. The default value is <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets the source of random numbers from 0 to 1, 1 excluded, for the jitter of reconnect delays.</summary>
    internal Func<double> NextRandom { get; init; } = new Random().NextDouble;

    internal void Validate()
    {
        List<string> errors = [];
        if (GatewayChannel.Validate(Address) is { } error)
        {
            errors.Add(error);
        }

        if (!AgentIdRule.IsValid(AgentId))
        {
            errors.Add($"AgentId is '{AgentId}'; it must be {AgentIdRule.Text}.");
        }

        if (MaxInFlight is < 0 or > ushort.MaxValue)
        {
            errors.Add($"MaxInFlight is {MaxInFlight}; it must be from 0 to 65,535.");
        }

        if (MinReconnectDelay <= TimeSpan.Zero || MaxReconnectDelay < MinReconnectDelay || MaxReconnectDelay > TimeSpan.FromDays(1))
        {
            errors.Add($"MinReconnectDelay and MaxReconnectDelay are {MinReconnectDelay} and {MaxReconnectDelay}; "
                + "the first must be over zero, the second no less than it and at most a day.");
        }

        if (RejoinDelay < MinRejoinDelay || RejoinDelay > TimeSpan.FromDays(1))
        {
            errors.Add($"RejoinDelay is {RejoinDelay}; it must be from 60 s to a day.");
        }

        if (errors.Count > 0)
        {
            throw new ArgumentException($"{nameof(SwitchboardAgentOptions)}: {string.Join(" ", errors)}");
        }
    }
}

using Microsoft.Extensions.Logging;
using Switchboard.Client.Wire;

namespace Switchboard.Client;

/// <summary>How a <see cref="SwitchboardCaller"/> connects.</summary>
public sealed record SwitchboardCallerOptions
{
    /// <summary>The gateway's gRPC address, such as <c>http://127.0.0.1:8081</c>.</summary>
    public required Uri Address { get; init; }

    /// <summary>Where the connection logs to; nowhere by default.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>The clock. The default value is the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        if (GatewayChannel.Fault(Address) is { } fault)
        {
            throw new ArgumentException($"{nameof(SwitchboardCallerOptions)}: {fault}");
        }
    }
}

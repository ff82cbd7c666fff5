using Microsoft.Extensions.Logging;
using Switchboard.Client.Wire;

namespace Switchboard.Client;

/// <summary>Provides options for a <see cref="SwitchboardCaller"/>.</summary>
public sealed record SwitchboardCallerOptions
{
    /// <summary>Gets the gateway's gRPC address, such as <c>http://127.0.0.1:8081</c>.</summary>
    public required Uri Address { get; init; }

    /// <summary>Gets the factory of the connection's logger, or <see langword="null"/>, the default, for no logs.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Gets the clock. The default value is <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        if (GatewayChannel.Validate(Address) is { } error)
        {
            throw new ArgumentException($"{nameof(SwitchboardCallerOptions)}: {error}");
        }
    }
}

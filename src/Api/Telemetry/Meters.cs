using Switchboard.Abstractions.Telemetry;

namespace Switchboard.Api.Telemetry;

/// <summary>Whose measurements are shown at <c>/metrics</c> and sent to a collector: ours, and those of what the gateway is made of.</summary>
/// <remarks>
/// Left out, as each costs every request something and answers no question of an operator's: <c>Microsoft.AspNetCore.MemoryPool</c>
/// (26 measurements a relayed request), <c>Microsoft.AspNetCore.Routing</c>, <c>Polly</c>; and <c>System.Net</c>, as the gateway asks
/// nobody over HTTP.
/// </remarks>
internal static class Meters
{
    /// <summary>Their names; a name that nobody has costs nothing.</summary>
    public static readonly string[] All =
    [
        MetricNames.Meter,
        "System.Runtime",
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
        GrpcMeter.Name,
        "Microsoft.Orleans",
    ];
}

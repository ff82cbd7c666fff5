using Switchboard.Abstractions.Telemetry;

namespace Switchboard.Api.Telemetry;

/// <summary>Names the meters that are shown at <c>/metrics</c> and sent to a collector: ours, and those of the libraries.</summary>
/// <remarks>
/// Left out, because each costs every request something and tells an operator nothing: <c>Microsoft.AspNetCore.MemoryPool</c> (26
/// measurements a relayed request), <c>Microsoft.AspNetCore.Routing</c>, <c>Polly</c>; and <c>System.Net</c>, as the gateway sends no HTTP
/// requests.
/// </remarks>
internal static class Meters
{
    /// <summary>The names; a name without a meter costs nothing.</summary>
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

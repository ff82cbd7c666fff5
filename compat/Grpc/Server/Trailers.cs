using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.Server;

/// <summary>
/// Writes what ends a response. Before the headers have gone there has been no message, and the status goes into them
/// ("trailers-only"); afterwards it goes into the trailers.
/// </summary>
internal static class Trailers
{
    public static void Write(HttpResponse response, Metadata? trailers, Status status)
    {
        var destination = response.HasStarted
            ? response.HttpContext.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers
            : response.Headers;
        foreach (var entry in trailers ?? Metadata.Empty) destination.Append(entry.Key, entry.WireValue);

        // Last, so that no trailer of the application's can take the status's place.
        destination[Wire.Status] = ((int)status.StatusCode).ToString(CultureInfo.InvariantCulture);
        destination[Wire.Message] = string.IsNullOrEmpty(status.Detail) ? default : Wire.PercentEncode(status.Detail);
    }
}

using Grpc.Core;
using Grpc.Framing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.Server;

/// <summary>
/// Writes what ends a response. Before the headers have gone there has been no message, and the status goes into them
/// ("trailers-only"); afterwards it goes into the trailers.
/// </summary>
internal static class Trailers
{
    public static void WriteStatus(HttpResponse response, Status status) => WriteStatus(Destination(response), status);

    public static void Write(HttpResponse response, Metadata? trailers, Status status)
    {
        var destination = Destination(response);
        if (trailers is not null)
        {
            foreach (var entry in trailers)
                destination.Append(entry.Key, entry.WireValue);
        }

        // Last, so that no trailer of the application's can take the status's place.
        WriteStatus(destination, status);
    }

    private static void WriteStatus(IHeaderDictionary destination, Status status)
    {
        destination[Wire.Status] = status.StatusCode == StatusCode.OK
            ? "0"
            : ((int)status.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (!string.IsNullOrEmpty(status.Detail))
            destination[Wire.Message] = Wire.PercentEncode(status.Detail);
        else
            destination.Remove(Wire.Message);
    }

    private static IHeaderDictionary Destination(HttpResponse response) => !response.HasStarted
        ? response.Headers
        : response.HttpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers
            ?? throw new InvalidOperationException("Trailers are not supported for this response. The server may not support gRPC.");
}

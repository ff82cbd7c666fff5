using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Framing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Options;

namespace Grpc.Server;

/// <summary>Answers gRPC calls that no mapped method takes: UNIMPLEMENTED. One object for the program.</summary>
internal sealed class UnknownServices(IOptions<GrpcServiceOptions> options)
{
    private readonly HashSet<string> _mapped = [];

    /// <summary>Adds the endpoint of unknown services with the first service, and one for the unknown methods of each service.</summary>
    public IEnumerable<IEndpointConventionBuilder> Map(IEndpointRouteBuilder builder, IEnumerable<string> serviceNames)
    {
        if (options.Value.IgnoreUnknownServices == true)
            yield break;
        if (_mapped.Add("{service}"))
            yield return Map(builder, "{service}", "Service is unimplemented.");

        foreach (var service in serviceNames)
        {
            if (_mapped.Add(service))
                yield return Map(builder, service, "Method is unimplemented.");
        }
    }

    private static IEndpointConventionBuilder Map(IEndpointRouteBuilder builder, string service, string detail)
    {
        // The constraint keeps REST calls of two segments out: these endpoints must take nothing but gRPC.
        var pattern = RoutePatternFactory.Parse(service + "/{method}", defaults: null, parameterPolicies: new { method = new OnlyGrpc() });
        return builder.Map(pattern, http =>
        {
            http.Response.ContentType = Wire.ContentType;
            Trailers.WriteStatus(http.Response, new Status(StatusCode.Unimplemented, detail));
            return Task.CompletedTask;
        });
    }

    private sealed class OnlyGrpc : IRouteConstraint
    {
        public bool Match(
            HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
            httpContext is not null && HttpMethods.IsPost(httpContext.Request.Method) && Wire.IsGrpc(httpContext.Request.ContentType);
    }
}

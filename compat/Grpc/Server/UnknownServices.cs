using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Grpc.Server;

/// <summary>Answers gRPC calls that no mapped method takes: UNIMPLEMENTED. One object for the program.</summary>
internal sealed class UnknownServices
{
    private readonly HashSet<string> _mapped = [];

    /// <summary>Adds the endpoint of unknown services with the first service, and one for the unknown methods of each service.</summary>
    public IEnumerable<IEndpointConventionBuilder> Map(IEndpointRouteBuilder builder, IEnumerable<string> serviceNames) =>
        serviceNames.Prepend("{service}").Where(_mapped.Add).Select(service => MapOne(
            builder, service + "/{method}", service == "{service}" ? "Service is unimplemented." : "Method is unimplemented."));

    private static IEndpointConventionBuilder MapOne(IEndpointRouteBuilder builder, string pattern, string detail)
    {
        // The constraint keeps REST calls of two segments out: these endpoints must take nothing but gRPC.
        var onlyGrpc = RoutePatternFactory.Parse(pattern, defaults: null, parameterPolicies: new { method = new OnlyGrpc() });
        return builder.Map(onlyGrpc, http =>
        {
            http.Response.ContentType = Wire.ContentType;
            Trailers.Write(http.Response, null, new Status(StatusCode.Unimplemented, detail));
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

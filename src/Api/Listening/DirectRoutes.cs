using System.Collections.Frozen;
using Microsoft.AspNetCore.Http.Metadata;

namespace Switchboard.Api.Listening;

/// <summary>
/// Finds the end points of POSTs to fixed paths (the RPCs, <c>/echo</c>) by one look-up in a dictionary. Routing tries every pattern that
/// could match, the catch-alls too, and creates texts and route values for each: a fifth of all that a relayed request allocated. Paths
/// that are not found here, are spelt in another case or have a size limit, which routing sets, are left to routing.
/// </summary>
internal static class DirectRoutes
{
    /// <summary>Adds the middleware; call before <c>UseRouting</c>, which uses an end point that is set already.</summary>
    public static void UseDirectRoutes(this WebApplication app)
    {
        // Created with the first request, when everything is mapped.
        var endpoints = new Lazy<FrozenDictionary<string, Endpoint>>(() => Find(((IEndpointRouteBuilder)app).DataSources));
        app.Use(next => context =>
        {
            var request = context.Request;
            if (HttpMethods.IsPost(request.Method) && endpoints.Value.TryGetValue(request.Path.Value ?? "", out var endpoint))
            {
                context.SetEndpoint(endpoint);
            }

            return next(context);
        });
    }

    private static FrozenDictionary<string, Endpoint> Find(IEnumerable<EndpointDataSource> sources)
        => sources.SelectMany(static s => s.Endpoints)
            .OfType<RouteEndpoint>()
            .Where(static e => e.RoutePattern.Parameters.Count == 0 && e.RoutePattern.RawText is not null && IsPost(e) && !HasSizeLimit(e))
            .GroupBy(static e => "/" + e.RoutePattern.RawText!.Trim('/'), StringComparer.Ordinal)
            .Where(static g => g.Count() == 1)
            .ToFrozenDictionary(static g => g.Key, static Endpoint (g) => g.Single(), StringComparer.Ordinal);

    private static bool HasSizeLimit(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IRequestSizeLimitMetadata>() is not null;

    private static bool IsPost(RouteEndpoint endpoint)
        => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is ["POST"];
}

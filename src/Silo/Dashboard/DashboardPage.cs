using Orleans.Dashboard;
using Switchboard.Api.Listening;
using Switchboard.Api.Rest;
using Switchboard.Core.Requests;

namespace Switchboard.Silo.Dashboard;

/// <summary>
/// Serves the Orleans dashboard at <c>/dashboard</c> on the admin port: grains, turns and silos at a glance, and the log.
/// </summary>
internal static class DashboardPage
{
    /// <summary>The path.</summary>
    public const string Path = "/dashboard";

    // The pages of one silo: /dashboard/SiloStats/127.0.0.1:11111@154936039.
    private static readonly string[] _ofOneSilo = ["HistoricalStats", "SiloProperties", "SiloStats", "SiloCounters"];

    /// <summary>Collects what the dashboard shows.</summary>
    public static ISiloBuilder AddDashboardPage(this ISiloBuilder silo) => silo.AddDashboard();

    /// <summary>Serves the page. An unknown silo is 404, where the dashboard itself fails on the address.</summary>
    public static void MapDashboardPage(this IEndpointRouteBuilder routes) =>
        routes.MapOrleansDashboard(routePrefix: Path).AddEndpointFilter(RefuseUnknownSiloAsync).WithMetadata(new AdminPortOnly());

    private static async ValueTask<object?> RefuseUnknownSiloAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var context = call.HttpContext;
        if (SiloAskedFor(context.Request.Path) is not { } address || IsActive(context.RequestServices, address))
        {
            return await next(call);
        }

        await Problems.WriteAsync(context, Verdict.NotFound, $"No silo of this cluster is active at '{address}'.");
        // Null would be written as JSON, after the problem.
        return Results.Empty;
    }

    private static string? SiloAskedFor(PathString path)
    {
        foreach (var page in _ofOneSilo)
        {
            if (path.StartsWithSegments($"{Path}/{page}", out var rest))
            {
                return rest.HasValue ? rest.Value[1..] : "";
            }
        }

        return null;
    }

    private static bool IsActive(IServiceProvider services, string address)
    {
        var silos = services.GetRequiredService<ISiloStatusOracle>().GetApproximateSiloStatuses(onlyActive: true);
        return silos.Keys.Any(silo => silo.ToParsableString() == address);
    }
}

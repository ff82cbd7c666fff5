using Orleans.Dashboard;
using Switchboard.Api.Hosting;

namespace Switchboard.Silo.Dashboard;

/// <summary>The Orleans dashboard at <c>/dashboard</c> on the admin port: grains, turns and silos at a glance, and the log.</summary>
internal static class DashboardPage
{
    /// <summary>Where it is.</summary>
    public const string Path = "/dashboard";

    /// <summary>Collects what the dashboard shows.</summary>
    public static ISiloBuilder AddDashboardPage(this ISiloBuilder silo) => silo.AddDashboard();

    /// <summary>Serves it.</summary>
    public static void MapDashboardPage(this IEndpointRouteBuilder routes) =>
        routes.MapOrleansDashboard(routePrefix: Path).WithMetadata(new AdminPortOnly());
}

namespace Switchboard.Silo.Dashboard;

/// <summary>The dashboard is a package of its own that the stand-ins do not have: the page says so.</summary>
internal static class DashboardPage
{
    /// <summary>Where it would be.</summary>
    public const string Path = "/dashboard";

    /// <summary>Nothing to collect for.</summary>
    public static ISiloBuilder AddDashboardPage(this ISiloBuilder silo) => silo;

    /// <summary>Says in one line what is missing, and where the figures are meanwhile.</summary>
    public static void MapDashboardPage(this IEndpointRouteBuilder routes) => routes
        .MapGet(Path, () => Results.Text("The dashboard needs the real Orleans packages; this build uses the stand-ins (docs/packages.md). Figures: /metrics.\n", statusCode: StatusCodes.Status501NotImplemented))
        .ExcludeFromDescription();
}

using Switchboard.Api.Telemetry;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Rest;

/// <summary>
/// Maps every REST route. An unknown path is <c>not-found</c>, an unknown method of a known one <c>method-not-allowed</c>.
/// </summary>
internal static class Routes
{
    public static void Map(WebApplication app)
    {
        var services = app.Services;
        var ids = services.GetRequiredService<RequestIds>();
        var guard = new Guard(ids, services.GetRequiredService<ILoggerFactory>().CreateLogger("Switchboard.Api.Rest"));
        var echo = services.GetRequiredService<EchoEndpoint>();
        var send = services.GetRequiredService<AgentRequestEndpoint>();
        var requests = services.GetRequiredService<RequestEndpoints>();
        var agents = services.GetRequiredService<AgentEndpoints>();
        var health = services.GetRequiredService<HealthEndpoints>();
        var exporter = services.GetRequiredService<PrometheusExporter>();

        // /echo handles its exceptions itself: one state machine less on the busiest route.
        Map(app, ids, "/echo", ("POST", echo.HandleAsync, Descriptions.Echo));
        Map(app, ids, "/v1/agents", ("GET", guard.Around(agents.ListAsync), Descriptions.ListAgents));
        Map(app, ids, "/v1/agents/{id}", ("GET", guard.Around(agents.GetAsync), Descriptions.GetAgent));
        Map(app, ids, "/v1/agents/{id}/sessions", ("DELETE", guard.Around(agents.KickAsync), Descriptions.KickAgent));
        Map(
            app,
            ids,
            "/v1/agents/{id}/requests",
            ("GET", guard.Around(services.GetRequiredService<AgentRequestsEndpoint>().ListAsync), Descriptions.ListRequests),
            ("POST", guard.Around(send.HandleAsync), Descriptions.SendRequest));
        Map(
            app,
            ids,
            "/v1/requests/{rid}",
            ("GET", guard.Around(requests.GetAsync), Descriptions.GetRequest),
            ("DELETE", guard.Around(requests.DeleteAsync), Descriptions.DeleteRequest));
        Map(app, ids, "/v1/requests/{rid}/response", ("GET", guard.Around(requests.GetResponseAsync), Descriptions.GetResponse));
        Map(app, ids, "/v1/cluster", ("GET", guard.Around(services.GetRequiredService<ClusterEndpoint>().GetAsync), Descriptions.Cluster));
        Map(app, ids, "/health/live", ("GET", guard.Around(HealthEndpoints.LiveAsync), Descriptions.Live));
        Map(app, ids, "/health/ready", ("GET", guard.Around(health.ReadyAsync), Descriptions.Ready));
        Map(app, ids, "/metrics", ("GET", guard.Around(context => WriteMetricsAsync(context, exporter)), Descriptions.Metrics));
        app.MapFallback("{**path}", context => Problems.WriteAsync(context, Verdict.NotFound, NoRoute(context), sent: false, ids.Next()));
    }

    private static void Map(
        WebApplication app,
        RequestIds ids,
        string pattern,
        params (string Method, RequestDelegate Handler, Description Description)[] calls)
    {
        foreach (var (method, handler, description) in calls)
        {
            var endpoint = description.CheckQuery(handler, ids);
            description.AddTo(app.MapMethods(pattern, [method], endpoint), handler);
            if (method == "GET")
            {
                // RFC 9110, 9.1: a server that supports GET supports HEAD. Kestrel leaves the body out.
                app.MapMethods(pattern, ["HEAD"], endpoint).ExcludeFromDescription();
            }
        }

        // Without a method of its own it is the fallback of routing, whose own 405 has no body.
        var allowed = string.Join(", ", calls.SelectMany(static c => c.Method == "GET" ? ["GET", "HEAD"] : new[] { c.Method }));
        app.Map(pattern, (RequestDelegate)(context =>
        {
            context.Response.Headers.Allow = allowed;
            return Problems.WriteAsync(context, Verdict.MethodNotAllowed, $"Here works {allowed}.", sent: false, ids.Next());
        })).ExcludeFromDescription();
    }

    private static Task WriteMetricsAsync(HttpContext context, PrometheusExporter exporter)
    {
        context.Response.ContentType = PrometheusExporter.ContentType;
        return context.Response.WriteAsync(exporter.Render(), context.RequestAborted);
    }

    // The path is quoted as it was understood, and cut: an error page must not store a client's content.
    private static string NoRoute(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        return $"There is nothing at {(path.Length <= 100 ? path : path[..100] + "...")}; /openapi/v1.json lists what there is.";
    }

    private sealed class Guard(RequestIds ids, ILogger log)
    {
        public RequestDelegate Around(RequestDelegate handler) => async context =>
        {
            try
            {
                await handler(context);
            }
            catch (Exception e) when (Failures.IsKnown(e))
            {
                await Failures.WriteAsync(context, e, ids, log);
            }
        };
    }
}

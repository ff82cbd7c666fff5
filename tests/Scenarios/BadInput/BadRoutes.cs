using Microsoft.AspNetCore.Routing;
using Switchboard.TestSupport;

namespace Switchboard.Scenarios.BadInput;

/// <summary>One REST route and where a stranger's text goes into it.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Pattern">As it is mapped.</param>
/// <param name="Hostile">The target, with the text at <c>{0}</c>.</param>
/// <param name="Status">What it responds where the text is nonsense; 200 where it takes no notice of it.</param>
/// <param name="ReadsBody">Has it any use for a body?</param>
internal sealed record BadRoute(string Method, string Pattern, string Hostile, int Status, bool ReadsBody = false)
{
    /// <summary>What it responds where the text is "a": nobody's id and no number, but not impossible as an id.</summary>
    public int StatusOfA => Pattern switch
    {
        "/v1/agents/{id}" => 404,
        "/v1/agents/{id}/sessions" => 204,
        "/v1/agents/{id}/requests" => Method == "GET" ? 200 : 503,
        _ => Status,
    };

    /// <summary>The target with that text in it, percent-encoded by whoever asks.</summary>
    public string Target(string text) => Hostile.Replace("{0}", text, StringComparison.Ordinal);

    public override string ToString() => $"{Method} {Pattern}";
}

/// <summary>Every REST route. A route without a row here fails a test: what is mapped is tried with bad input too.</summary>
internal static class BadRoutes
{
    public static IReadOnlyList<BadRoute> All { get; } =
    [
        new("POST", "/echo", "/echo", 200, ReadsBody: true),
        new("GET", "/v1/agents", "/v1/agents?limit={0}", 400),
        new("GET", "/v1/agents/{id}", "/v1/agents/{0}", 400),
        new("DELETE", "/v1/agents/{id}/sessions", "/v1/agents/{0}/sessions", 400),
        new("GET", "/v1/agents/{id}/requests", "/v1/agents/{0}/requests", 400),
        new("POST", "/v1/agents/{id}/requests", "/v1/agents/{0}/requests", 400, ReadsBody: true),
        new("GET", "/v1/cluster", "/v1/cluster?x={0}", 400),
        new("GET", "/v1/requests/{rid}", "/v1/requests/{0}", 404),
        new("DELETE", "/v1/requests/{rid}", "/v1/requests/{0}", 404),
        new("GET", "/v1/requests/{rid}/response", "/v1/requests/{0}/response", 404),
        new("GET", "/health/live", "/health/live?x={0}", 200),
        new("GET", "/health/ready", "/health/ready?x={0}", 200),
        new("GET", "/metrics", "/metrics?x={0}", 200),
        new("GET", "/openapi/{documentName}.json", "/openapi/{0}.json", 404),
        new("GET", "/docs/{documentName?}", "/docs/?x={0}", 200),
        new("GET", "/docs/scalar.aspnetcore.js", "/docs/scalar.aspnetcore.js?x={0}", 200),
        new("GET", "/docs/favicon.svg", "/docs/favicon.svg?x={0}", 200),
    ];

    /// <summary>The three calls of the wire contract.</summary>
    public static IReadOnlyList<string> Rpcs { get; } =
    [
        "/switchboard.v1.AgentGateway/AgentRequestPublish",
        "/switchboard.v1.AgentGateway/AgentRequestSubscribe",
        "/switchboard.v1.AgentGateway/AgentResponsePublish",
    ];

    /// <summary>The reference page's script: five megabytes, and served as its neighbours are, which are tried.</summary>
    public const string LargeFile = "GET /docs/scalar.js";

    /// <summary>gRPC's own services beside it.</summary>
    public static IReadOnlyList<string> SideRpcs { get; } =
    [
        "/grpc.health.v1.Health/Check",
        "/grpc.health.v1.Health/Watch",
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
    ];

    public static BadRoute Echo => All.Single(r => r.Pattern == "/echo");

    public static BadRoute Requests => All.Single(static r => r is { Method: "POST", Pattern: "/v1/agents/{id}/requests" });

    /// <summary>Whatever the gateway serves, as "METHOD pattern"; without HEAD beside GET, and without what only refuses.</summary>
    public static IEnumerable<string> Mapped(GatewayHost host) => host.Service<EndpointDataSource>().Endpoints
        .OfType<RouteEndpoint>()
        .SelectMany(e => (e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
            .Select(m => $"{m} /{e.RoutePattern.RawText!.TrimStart('/')}"))
        .Where(r => !r.StartsWith("HEAD ", StringComparison.Ordinal))
        // The port for front doors maps the RPCs again, where no stranger comes.
        .Distinct();
}

using System.Diagnostics;

namespace Switchboard.Client;

/// <summary>What the SDK tells OpenTelemetry. Add <see cref="SourceName"/> to a tracer to follow requests into an agent.</summary>
public static class SwitchboardTelemetry
{
    /// <summary>The name of the activity source. Its one span, <c>agent_request_serve</c>, is a handler's run; the caller's trace goes on in it.</summary>
    public const string SourceName = "Switchboard.Client";

    private static readonly ActivitySource _source = new(SourceName);

    /// <summary>Begins the span of a handler's run, where somebody listens. The answer's call carries it back to the gateway.</summary>
    internal static Activity? Serve(SwitchboardRequest request)
    {
        if (!_source.HasListeners())
        {
            return null;
        }

        // W3C Trace Context: the gateway passes the caller's on among the request's headers.
        request.Headers.TryGetValue("traceparent", out var parent);
        request.Headers.TryGetValue("tracestate", out var state);
        ActivityContext.TryParse(parent, state, isRemote: true, out var caller);
        return _source.StartActivity("agent_request_serve", ActivityKind.Server, caller)?
            .SetTag("switchboard.agent.id", request.AgentId)
            .SetTag("switchboard.request.id", request.Id)
            .SetTag("switchboard.method", request.Method);
    }
}

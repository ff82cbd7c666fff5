using System.Diagnostics;

namespace Switchboard.Client;

/// <summary>
/// Provides the names of the SDK's telemetry. Add <see cref="ActivitySourceName"/> to a tracer to trace requests into an agent.
/// </summary>
public static class SwitchboardTelemetry
{
    /// <summary>
    /// The name of the activity source. It has one activity, <c>agent_request_serve</c>, which spans a handler's run and continues the
    /// caller's trace.
    /// </summary>
    public const string ActivitySourceName = "Switchboard.Client";

    private static readonly ActivitySource _source = new(ActivitySourceName);

    /// <summary>Starts the activity of a handler's run, or returns <see langword="null"/> where nothing listens.</summary>
    internal static Activity? StartServe(SwitchboardRequest request)
    {
        if (!_source.HasListeners())
        {
            return null;
        }

        // W3C Trace Context: the gateway passes the caller's on among the request's headers. The response call carries the activity
        // back to the gateway.
        request.Headers.TryGetValue("traceparent", out var parent);
        request.Headers.TryGetValue("tracestate", out var state);
        ActivityContext.TryParse(parent, state, isRemote: true, out var caller);
        return _source.StartActivity("agent_request_serve", ActivityKind.Server, caller)?
            .SetTag("switchboard.agent.id", request.AgentId)
            .SetTag("switchboard.request.id", request.Id)
            .SetTag("switchboard.method", request.Method);
    }
}

using System.Diagnostics;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Telemetry;

/// <summary>
/// Starts the three spans of the front door, and handles the trace context that travels with a request (W3C Trace Context:
/// <c>traceparent</c>, <c>tracestate</c>). Without a listener no span is created, and a caller's trace context goes to the agent as it
/// came.
/// </summary>
internal static class Spans
{
    private static ActivitySource Source => SwitchboardMeter.Activities;

    /// <summary>Starts the span of an agent's subscription, from its first message to its end.</summary>
    public static Activity? Subscribe(AgentKey agent, SessionId session)
    {
        // Checked first everywhere here: boxing tags without a listener would be the whole cost of tracing that is switched off.
        if (!Source.HasListeners() || Start(SpanNames.Subscribe, default) is not { } span)
        {
            return null;
        }

        return Tag(span, agent).SetTag(SpanNames.SessionId, session.ToString());
    }

    /// <summary>Starts the span of a caller's request, from its arrival to its end.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="method">The method.</param>
    /// <param name="caller">The caller's own span.</param>
    public static Activity? Publish(AgentKey agent, string method, TraceContext caller)
    {
        if (!Source.HasListeners() || Start(SpanNames.Publish, caller) is not { } span)
        {
            return null;
        }

        return Tag(span, agent).SetTag(SpanNames.Method, method);
    }

    /// <summary>
    /// Starts the span of an agent's response call: a child of the agent's own span if it sends one, otherwise of the request's.
    /// </summary>
    public static Activity? Respond(AgentKey agent, RequestId request, string method, TraceContext parent)
    {
        if (!Source.HasListeners() || Start(SpanNames.Respond, parent) is not { } span)
        {
            return null;
        }

        return Tag(span, agent).SetTag(SpanNames.RequestId, request.ToString()).SetTag(SpanNames.Method, method);
    }

    /// <summary>Sets how a request ended.</summary>
    public static void Ended(Activity span, string requestId, Verdict verdict, bool sent)
    {
        var reason = VerdictTable.Get(verdict).Reason;
        span.SetTag(SpanNames.RequestId, requestId).SetTag(SpanNames.Verdict, reason).SetTag(SpanNames.Sent, sent);
        if (verdict is not (Verdict.Answered or Verdict.CallerCancelled))
        {
            span.SetStatus(ActivityStatusCode.Error, reason);
        }
    }

    // The server's own activity, if it has a listener, already has the call's context as its parent, and is used as the parent. One that
    // was created for a log scope only, without a source, is not exported: a span below it would have a parent that no collector ever sees.
    private static Activity? Start(string name, TraceContext from)
    {
        if (Activity.Current is { Source.Name: "" })
        {
            Activity.Current = null;
        }

        return Activity.Current is null && ActivityContext.TryParse(from.Parent, from.State, isRemote: true, out var parent)
            ? Source.StartActivity(name, ActivityKind.Server, parent)
            : Source.StartActivity(name, ActivityKind.Server);
    }

    private static Activity Tag(Activity span, AgentKey agent) =>
        span.SetTag(SpanNames.AgentId, agent.AgentId).SetTag(SpanNames.Tenant, agent.Tenant);
}

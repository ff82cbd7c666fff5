using System.Diagnostics;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Errors;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Telemetry;

/// <summary>
/// The three spans of the front door, and the trace context that travels with a request (W3C Trace Context: <c>traceparent</c>,
/// <c>tracestate</c>). Without a listener no span is made, and a caller's trace context goes through to the agent as it came.
/// </summary>
internal static class Spans
{
    private static ActivitySource Source => SwitchboardMeter.Activities;

    /// <summary>An agent's subscription, from its first message to its end.</summary>
    public static Activity? Subscribe(AgentKey agent, SessionId session)
    {
        // Asked first everywhere here: boxing tags for nobody is the whole cost of tracing that is switched off.
        if (!Source.HasListeners() || Start(SpanNames.Subscribe, default) is not { } span)
            return null;
        return Tag(span, agent).SetTag(SpanNames.SessionId, session.ToString());
    }

    /// <summary>A caller's request, from its arrival to its end.</summary>
    /// <param name="agent">Who is asked.</param>
    /// <param name="method">What.</param>
    /// <param name="caller">The caller's own span.</param>
    public static Activity? Publish(AgentKey agent, string method, TraceContext caller)
    {
        if (!Source.HasListeners() || Start(SpanNames.Publish, caller) is not { } span)
            return null;
        return Tag(span, agent).SetTag(SpanNames.Method, method);
    }

    /// <summary>An agent's answer call: a part of the agent's own span where it sends one, else of the request's.</summary>
    public static Activity? Answer(AgentKey agent, RequestId request, string method, TraceContext parent)
    {
        if (!Source.HasListeners() || Start(SpanNames.Answer, parent) is not { } span)
            return null;
        return Tag(span, agent).SetTag(SpanNames.RequestId, request.ToString()).SetTag(SpanNames.Method, method);
    }

    /// <summary>Says how a request ended.</summary>
    public static void Ended(Activity span, string requestId, Verdict verdict, bool sent)
    {
        string reason = VerdictTable.Get(verdict).Reason;
        span.SetTag(SpanNames.RequestId, requestId).SetTag(SpanNames.Verdict, reason).SetTag(SpanNames.Sent, sent);
        if (verdict is not (Verdict.Answered or Verdict.CallerCancelled))
            span.SetStatus(ActivityStatusCode.Error, reason);
    }

    // The server's own activity, where somebody listens to it, has what came with the call as its parent already, and is ours. Made for a
    // log scope only, without a source, it goes nowhere: a span below it would have a parent that no collector ever sees.
    private static Activity? Start(string name, TraceContext from)
    {
        if (Activity.Current is { Source.Name: "" })
            Activity.Current = null;
        return Activity.Current is null && ActivityContext.TryParse(from.Parent, from.State, isRemote: true, out ActivityContext parent)
            ? Source.StartActivity(name, ActivityKind.Server, parent)
            : Source.StartActivity(name, ActivityKind.Server);
    }

    private static Activity Tag(Activity span, AgentKey agent) =>
        span.SetTag(SpanNames.AgentId, agent.AgentId).SetTag(SpanNames.Tenant, agent.Tenant);
}

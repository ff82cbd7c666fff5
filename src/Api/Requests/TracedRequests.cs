using System.Diagnostics;
using Switchboard.Api.Telemetry;

namespace Switchboard.Api.Requests;

/// <summary>A caller's request with its span around it, where somebody listens.</summary>
internal sealed class TracedRequests(LiveRequests inner) : ILiveRequests
{
    public int Pending => inner.Pending;

    public Task<RequestResult> SendAsync(CallerRequest request, IAnswerSink sink, CancellationToken callerGone) =>
        Spans.Publish(request.Agent, request.Method, request.Trace) is { } span
            ? SendAsync(span, request with { Trace = new TraceContext(span) }, sink, callerGone)
            : inner.SendAsync(request, sink, callerGone);

    private async Task<RequestResult> SendAsync(Activity span, CallerRequest request, IAnswerSink sink, CancellationToken callerGone)
    {
        using (span)
        {
            RequestResult result = await inner.SendAsync(request, sink, callerGone);
            Spans.Ended(span, result.Id.ToString(), result.Verdict, result.Sent);
            return result;
        }
    }
}

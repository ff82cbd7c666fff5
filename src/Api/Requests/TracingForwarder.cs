using System.Diagnostics;
using Switchboard.Api.Telemetry;

namespace Switchboard.Api.Requests;

/// <summary>Adds a span to a caller's request, if there is a listener.</summary>
internal sealed class TracingForwarder(RequestForwarder inner) : IRequestForwarder
{
    public int Pending => inner.Pending;

    public Task<RequestResult> SendAsync(CallerRequest request, IResponseSink sink, CancellationToken callerGone) =>
        Spans.Publish(request.Agent, request.Method, request.Trace) is { } span
            ? SendAsync(span, request with { Trace = new TraceContext(span) }, sink, callerGone)
            : inner.SendAsync(request, sink, callerGone);

    private async Task<RequestResult> SendAsync(Activity span, CallerRequest request, IResponseSink sink, CancellationToken callerGone)
    {
        using (span)
        {
            var result = await inner.SendAsync(request, sink, callerGone);
            Spans.Ended(span, result.Id.ToString(), result.Verdict, result.Sent);
            return result;
        }
    }
}

using System.Buffers;
using Switchboard.Api.Hosting;
using Switchboard.Api.Requests;
using Switchboard.Core.Ids;
using Switchboard.V1;

namespace Switchboard.Api.Rest;

/// <summary>
/// Writes an agent's response as an HTTP response: status and headers of the first message, then the bodies one after another.
/// </summary>
internal sealed class RestResponseSink(HttpContext context, CallAbort abort) : IResponseSink
{
    // Past this, what was written is flushed although more follows at once: the memory of one response is bounded.
    private const long UnflushedBytes = 64 * 1024;

    private bool _moreAtOnce;
    private bool _bodyless;

    /// <inheritdoc />
    public void Hint(bool moreAtOnce) => _moreAtOnce = moreAtOnce;

    /// <inheritdoc />
    public ValueTask AcceptedAsync(RequestId id, CancellationToken cancellationToken)
    {
        // HTTP has one head, and its status is the agent's: the id can be sent no earlier than that.
        context.Response.Headers[Problems.RequestIdHeader] = id.ToString();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask FirstAsync(int status, AgentResponse first, CancellationToken cancellationToken)
    {
        var response = context.Response;
        response.StatusCode = status;

        // RFC 9110, 6.4.1: these have no content; the agent's is dropped rather than the whole response.
        _bodyless = status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified;
        HeaderRules.ToCaller(first, response.Headers);
        if (!_bodyless && response.ContentType is null && !ReferenceEquals(first, IResponseSink.NoMessage))
        {
            response.ContentType = "application/octet-stream";
        }

        return WriteAsync(first, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask NextAsync(AgentResponse message, CancellationToken cancellationToken) => WriteAsync(message, cancellationToken);

    /// <inheritdoc />
    public void Abort() => abort.Abort();

    private ValueTask WriteAsync(AgentResponse message, CancellationToken cancellationToken)
    {
        var writer = context.Response.BodyWriter;
        if (!_bodyless)
        {
            writer.Write(message.Body.Span);
        }

        return _moreAtOnce && writer.UnflushedBytes < UnflushedBytes ? ValueTask.CompletedTask : FlushAsync(cancellationToken);
    }

    // Completes when the caller's connection has taken enough of it: this is how a slow caller slows its agent.
    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        var flushed = await context.Response.BodyWriter.FlushAsync(cancellationToken);
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new OperationCanceledException("The caller has gone.");
        }
    }
}

using System.Buffers;
using System.Text;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Tasks;
using Switchboard.Api.Admission;
using Switchboard.Api.Tasks;
using Switchboard.Core.Agents;
using Switchboard.Core.Echo;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Rest;

/// <summary>
/// Implements <c>POST /echo</c> (docs/echo.md): the body is read and checked, becomes a task of the queue <c>echo</c>, and its result is
/// the response. The busiest of all routes: it binds nothing and allocates little.
/// </summary>
internal sealed class EchoEndpoint(
    TaskSubmitter tasks, AdmissionLimits limits, IOptions<TaskOptions> options, RequestIds ids, TimeProvider time, ILogger<EchoEndpoint> log)
{
    private const string Queue = "echo";

    private ITaskQueueGrain? _queue;
    private readonly int _maxBodyBytes = options.Value.MaxBodyBytes;

    public async Task HandleAsync(HttpContext context)
    {
        var arrived = time.GetTimestamp();
        try
        {
            if (!ContentTypes.IsJson(context.Request.ContentType))
            {
                await RefuseAsync(context, Verdict.UnsupportedMediaType, ContentTypes.NotJson(context.Request.ContentType));
                return;
            }

            if (context.Request.Headers.ContentEncoding.Count > 0)
            {
                // RFC 9110, 15.5.16. Not decompressed here: the result could be a thousand times the size limit.
                context.Response.Headers.AcceptEncoding = "identity";
                await RefuseAsync(context, Verdict.UnsupportedMediaType, "The body has a Content-Encoding; here it must have none.");
                return;
            }

            var body = await RequestBodies.ReadAsync(context, _maxBodyBytes, limits.Bytes);
            if (body.Outcome != BodyOutcome.Read)
            {
                await (body.Outcome == BodyOutcome.TooLong
                    ? RefuseAsync(context, Verdict.TooLarge, $"The body is longer than {_maxBodyBytes} bytes.")
                    : RefuseAsync(context, Verdict.Overloaded, limits.BytesFull()));
                return;
            }

            var understood = TryParse(body.Bytes, out var command, out var problem);
            RequestBodies.Done(context, body, limits.Bytes);
            if (!understood)
            {
                await RefuseAsync(context, Verdict.BadRequest, problem!);
                return;
            }

            await SubmitAsync(context, command!, arrived);
        }
        catch (Exception e) when (Failures.IsKnown(e))
        {
            await Failures.WriteAsync(context, e, ids, log);
        }
    }

    private async ValueTask SubmitAsync(HttpContext context, EchoCommand command, long arrived)
    {
        var payload = new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(command.Message));

        // Created with the first task and not with this object: a front door that stands alone knows the cluster's grains only once it is
        // connected. Two concurrent first tasks create two references to the one grain.
        _queue ??= tasks.Queue(AgentKey.DefaultTenant, Queue);
        var result = await tasks.SubmitAsync(_queue, command.Kind, payload, arrived, context.RequestAborted);
        if (result.Verdict != Verdict.Answered)
        {
            await Problems.WriteAsync(context, result.Verdict, result.Detail, result.Begun, ids.OrNext(result.Id));
            return;
        }

        // The same memory is returned if queue and front door are in one process; then the text need not be decoded again.
        var message = result.Result.Equals(payload) ? command.Message : Encoding.UTF8.GetString(result.Result.Span);
        var reply = $"SUCCESS {command.Kind} {GoQuote.Quote(message)}";
        var response = context.Response;
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers[Problems.RequestIdHeader] = result.Id.ToString();
        var length = Encoding.UTF8.GetByteCount(reply);
        response.ContentLength = length;

        // Kestrel flushes it at the call's end.
        Encoding.UTF8.GetBytes(reply, response.BodyWriter);
    }

    private Task RefuseAsync(HttpContext context, Verdict verdict, string detail)
        => Problems.WriteAsync(context, verdict, detail, sent: false, ids.Next());

    private static bool TryParse(ReadOnlySequence<byte> body, out EchoCommand? command, out string? problem)
        => body.IsSingleSegment
            ? EchoGrammar.TryParse(body.FirstSpan, out command, out problem)
            : EchoGrammar.TryParse(body.ToArray(), out command, out problem);
}

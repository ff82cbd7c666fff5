using Switchboard.Abstractions.Requests;
using Switchboard.Api.Requests;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Rest;

/// <summary>Implements <c>/v1/requests/{rid}</c>: the description of a request, its stored response, and cancelling it.</summary>
internal sealed class RequestEndpoints(IRequestLookup requests, StoredResponseWriter stored, RequestIds ids)
{
    public async Task GetAsync(HttpContext context)
    {
        if (TryReadId(context) is { } id && await requests.DescribeAsync(id) is { } report)
        {
            await WriteAsync(context, id, report);
            return;
        }

        await NotFoundAsync(context);
    }

    public async Task DeleteAsync(HttpContext context)
    {
        if (TryReadId(context) is { } id && await requests.CancelAsync(id) != CancelResult.NotFound)
        {
            if (await requests.DescribeAsync(id) is { } report)
            {
                await WriteAsync(context, id, report);
                return;
            }

            context.Response.Headers[Problems.RequestIdHeader] = id.ToString();
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await NotFoundAsync(context);
    }

    public async Task GetResponseAsync(HttpContext context)
    {
        if (TryReadId(context) is not { } id || await requests.DescribeAsync(id) is not { } report)
        {
            await NotFoundAsync(context);
            return;
        }

        // The beginning of a durable one's response may be there while the rest still comes in.
        if (report.Verdict is not null || (id.IsDurable && report.Status is not null))
        {
            await stored.WriteAsync(context, id, report);
        }
        else if (id.IsDurable)
        {
            context.Response.Headers.RetryAfter = "1";
            context.Response.Headers[Problems.RequestIdHeader] = id.ToString();
            await Json.WriteAsync(context, StatusCodes.Status202Accepted, RequestBody.From(report), Json.Context.RequestBody);
        }
        else
        {
            await Problems.WriteAsync(context, Verdict.NotFound, "The answer goes to the caller that waits; none is kept.", null, id);
        }
    }

    private static async Task WriteAsync(HttpContext context, RequestId id, RequestReport report)
    {
        context.Response.Headers[Problems.RequestIdHeader] = id.ToString();
        await Json.WriteAsync(context, StatusCodes.Status200OK, RequestBody.From(report), Json.Context.RequestBody);
    }

    private static RequestId? TryReadId(HttpContext context)
        => RequestId.TryParse(context.GetRouteValue("rid") as string, out var id) ? id : null;

    // Also for a text that is no id: there is no request by that name either way.
    private Task NotFoundAsync(HttpContext context)
        => Problems.WriteAsync(
            context, Verdict.NotFound, "Nobody knows a request by that id; ended ones are forgotten after a while.", null, ids.Next());
}

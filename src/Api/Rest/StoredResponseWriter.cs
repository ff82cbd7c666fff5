using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Requests;
using Switchboard.Api.Requests;
using Switchboard.Api.Time;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Rest;

/// <summary>Writes what is kept of a durable request's response, while it still comes in, too.</summary>
internal sealed class StoredResponseWriter(IRequestLookup requests, GatewayClock clock)
{
    /// <summary>When the log is looked at again for the next part of a response that still comes in.</summary>
    private static readonly TimeSpan _lookAgain = TimeSpan.FromMilliseconds(200);

    /// <summary>Writes the response, or the problem that the request ended with.</summary>
    /// <param name="context">The response's context; its response must not have started.</param>
    /// <param name="id">The request.</param>
    /// <param name="report">The description of the request, which has ended, or of which the beginning of a response is kept.</param>
    public async Task WriteAsync(HttpContext context, RequestId id, RequestReport report)
    {
        if (report.Verdict is { } verdict and not Verdict.Answered)
        {
            await Problems.WriteAsync(context, verdict, report.Detail, report.Sent, id);
        }
        else if (await requests.ReadResponseAsync(id, 0, context.RequestAborted) is { Request.Status: not null } page)
        {
            await WriteAsync(context, id, page);
        }
        else
        {
            await Problems.WriteAsync(context, Verdict.NotFound, "The answer went to the caller that waited; none is kept.", null, id);
        }
    }

    private async Task WriteAsync(HttpContext context, RequestId id, ResponsePage page)
    {
        var response = context.Response;
        response.StatusCode = page.Request.Status!.Value;
        foreach (var header in page.Headers)
        {
            HeaderRules.Add(response.Headers, header.Name, header.Value);
        }

        response.Headers[Problems.RequestIdHeader] = id.ToString();
        if (response.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified)
        {
            return;
        }

        response.ContentType ??= "application/octet-stream";
        if (page.Request.State == LoggedState.Ended)
        {
            response.ContentLength = page.Request.ResponseBytes;
        }

        if (!await CopyAsync(context, id, page))
        {
            // A part of it has been written: it must not look complete.
            context.Abort();
        }
    }

    // False: the attempt whose response it is came to nothing.
    private async Task<bool> CopyAsync(HttpContext context, RequestId id, ResponsePage page)
    {
        var (attempt, next) = (page.Request.Attempt, 0);
        while (true)
        {
            foreach (var chunk in page.Chunks)
            {
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
            }

            next += page.Chunks.Count;
            if (page.Chunks.Count == 0)
            {
                // Only a page read after the end shows that nothing follows.
                if (page.Request.State == LoggedState.Ended)
                {
                    return page.Request.Verdict == Verdict.Answered;
                }

                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(_lookAgain, clock.Time, context.RequestAborted);
            }

            if (await requests.ReadResponseAsync(id, next, context.RequestAborted) is not { } following
                || following.Request.Attempt != attempt || following.Request.Status is null)
            {
                return false;
            }

            page = following;
        }
    }
}

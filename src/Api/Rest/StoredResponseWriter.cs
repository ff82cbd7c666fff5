using Switchboard.Abstractions.Requests;
using Switchboard.Api.Requests;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Rest;

/// <summary>Writes how a request ended to a caller that fetches its response later, or has waited for it.</summary>
internal static class StoredResponseWriter
{
    /// <summary>Writes the stored response, or the problem that the request ended with.</summary>
    /// <param name="context">The response's context; its response must not have started.</param>
    /// <param name="requests">Looks up the response.</param>
    /// <param name="id">The request.</param>
    /// <param name="ended">The description of the request, with its verdict.</param>
    public static async Task WriteAsync(HttpContext context, IRequestLookup requests, RequestId id, RequestReport ended)
    {
        if (ended.Verdict is { } verdict and not Verdict.Answered)
        {
            await Problems.WriteAsync(context, verdict, ended.Detail, ended.Sent, id);
        }
        else if (await requests.GetResponseAsync(id) is { } stored)
        {
            await WriteAsync(context, id, stored);
        }
        else
        {
            await Problems.WriteAsync(context, Verdict.NotFound, "The answer went to the caller that waited; none is kept.", null, id);
        }
    }

    private static async Task WriteAsync(HttpContext context, RequestId id, StoredResponse stored)
    {
        var response = context.Response;
        response.StatusCode = stored.Status;
        foreach (var header in stored.Headers)
        {
            HeaderRules.Add(response.Headers, header.Name, header.Value);
        }

        response.Headers[Problems.RequestIdHeader] = id.ToString();
        if (stored.Status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified)
        {
            return;
        }

        response.ContentType ??= "application/octet-stream";
        response.ContentLength = stored.Body.Length;
        await response.Body.WriteAsync(stored.Body, context.RequestAborted);
    }
}

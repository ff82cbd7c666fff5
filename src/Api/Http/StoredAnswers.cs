using Switchboard.Abstractions.Requests;
using Switchboard.Api.Errors;
using Switchboard.Api.Requests;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Http;

/// <summary>Tells how a request ended to a caller that comes for its answer later, or has waited for it.</summary>
internal static class StoredAnswers
{
    /// <summary>Writes the stored answer, or the problem that the request ended with.</summary>
    /// <param name="context">The answer's context; its response must not have started.</param>
    /// <param name="requests">Knows the answer.</param>
    /// <param name="id">The request.</param>
    /// <param name="verdict">How it ended.</param>
    /// <param name="sent">Was it sent?</param>
    public static async Task WriteAsync(HttpContext context, IRequestLookup requests, RequestId id, Verdict verdict, bool sent)
    {
        if (verdict != Verdict.Answered)
        {
            await Problems.WriteAsync(context, verdict, "", sent, id);
        }
        else if (await requests.GetAnswerAsync(id) is { } answer)
        {
            await WriteAsync(context, id, answer);
        }
        else
        {
            await Problems.WriteAsync(context, Verdict.NotFound, "The answer went to the caller that waited; none is kept.", null, id);
        }
    }

    private static async Task WriteAsync(HttpContext context, RequestId id, StoredAnswer answer)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        foreach (var header in answer.Headers)
        {
            HeaderRules.Add(response.Headers, header.Name, header.Value);
        }

        response.Headers[Problems.RequestIdHeader] = id.ToString();
        if (answer.Status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified)
        {
            return;
        }

        response.ContentType ??= "application/octet-stream";
        response.ContentLength = answer.Body.Length;
        await response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }
}

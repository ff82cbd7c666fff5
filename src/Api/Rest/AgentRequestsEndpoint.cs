using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Switchboard.Abstractions.Durable;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Rest;

/// <summary>Implements <c>GET /v1/agents/{id}/requests</c>: an agent's durable requests, in the order in which they were accepted.</summary>
internal sealed class AgentRequestsEndpoint(IRequestLog log, RequestIds ids)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    public async Task ListAsync(HttpContext context)
    {
        if (!TryReadQuery(context, out var query, out var problem))
        {
            await Problems.WriteAsync(context, Verdict.BadRequest, problem, sent: false, ids.Next());
            return;
        }

        var page = await log.ListAsync(query, context.RequestAborted);
        if (ids.Next() is { } id)
        {
            context.Response.Headers[Problems.RequestIdHeader] = id.ToString();
        }

        var body = new RequestsBody(
            [.. page.Requests.Select(static request => RequestBody.From(request.ToReport()))], page.Next?.ToString(CultureInfo.InvariantCulture));
        await Json.WriteAsync(context, StatusCodes.Status200OK, body, Json.Context.RequestsBody);
    }

    private static bool TryReadQuery(HttpContext context, [NotNullWhen(true)] out RequestQuery? query, out string problem)
    {
        query = null;
        if (!AgentKey.TryCreate(AgentKey.DefaultTenant, context.GetRouteValue("id") as string, out var agent, out var keyProblem))
        {
            problem = keyProblem;
            return false;
        }

        var (state, limitText, cursor) = (context.Request.Query["state"].ToString(), context.Request.Query["limit"].ToString(), context.Request.Query["cursor"].ToString());
        var filter = RequestFilter.All;
        // Names only: the parser would take numbers too.
        if (state.Length > 0 && !(char.IsAsciiLetterLower(state[0]) && Enum.TryParse(state, ignoreCase: true, out filter) && state != "all"))
        {
            problem = "state must be queued, sent, answered, expired, cancelled or failed.";
            return false;
        }

        var limit = DefaultLimit;
        if (limitText.Length > 0
            && !(int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit))
        {
            problem = $"limit must be from 1 to {MaxLimit}.";
            return false;
        }

        var after = 0L;
        if (cursor.Length > 0 && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            problem = "cursor must be the cursor of the page before.";
            return false;
        }

        problem = "";
        query = new RequestQuery(agent.ToString(), filter, after, limit);
        return true;
    }
}

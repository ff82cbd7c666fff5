using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Primitives;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.Presence;
using Switchboard.Api.Sessions;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Rest;

/// <summary>Implements <c>/v1/agents</c>: listing agents, and kicking them.</summary>
internal sealed class AgentEndpoints(IGrainFactory grains, SessionAnnouncer sessions, RequestIds ids, GatewayClock clock)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    private const int MaxLabels = 16;
    public async Task ListAsync(HttpContext context)
    {
        if (!TryReadQuery(context.Request.Query, out var query, out var problem))
        {
            await Problems.WriteAsync(context, Verdict.BadRequest, problem, sent: false, ids.Next());
            return;
        }

        var page = await GrainCalls.AskAsync(() => Index().List(query), clock.Time);
        var cursor = page.More && page.Agents.Count > 0 ? page.Agents[^1].AgentId : null;
        SetId(context);
        var body = new AgentsBody([.. page.Agents.Select(static a => AgentBody.From(a))], cursor);
        await Json.WriteAsync(context, StatusCodes.Status200OK, body, Json.Context.AgentsBody);
    }

    public async Task GetAsync(HttpContext context)
    {
        if (!AgentKey.TryCreate(AgentKey.DefaultTenant, context.GetRouteValue("id") as string, out var agent, out var problem))
        {
            await Problems.WriteAsync(context, Verdict.BadRequest, problem, sent: false, ids.Next());
            return;
        }

        // The index first: asking the agent's own grain would leave an activation behind for every invented name.
        if (await GrainCalls.AskAsync(() => Index().Find(agent.Tenant, agent.AgentId), clock.Time) is not { } report)
        {
            await Problems.WriteAsync(context, Verdict.AgentUnknown, "", sent: false, ids.Next());
            return;
        }

        var grain = grains.GetGrain<IAgentGrain>(agent.ToString());
        var status = await GrainCalls.AskAsync(grain.GetStatus, clock.Time);
        SetId(context);
        await Json.WriteAsync(context, StatusCodes.Status200OK, AgentBody.From(report, status), Json.Context.AgentBody);
    }

    /// <summary>Kicks an agent. 204 whether or not it was connected: afterwards it is not, which is what was requested.</summary>
    public async Task KickAsync(HttpContext context)
    {
        if (!AgentKey.TryCreate(AgentKey.DefaultTenant, context.GetRouteValue("id") as string, out var agent, out var problem))
        {
            await Problems.WriteAsync(context, Verdict.BadRequest, problem, sent: false, ids.Next());
            return;
        }

        await sessions.KickAsync(agent, context.RequestAborted);
        SetId(context);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private IAgentIndexGrain Index() => grains.GetGrain<IAgentIndexGrain>(IAgentIndexGrain.FirstShard);

    private void SetId(HttpContext context)
    {
        if (ids.Next() is { } id)
        {
            context.Response.Headers[Problems.RequestIdHeader] = id.ToString();
        }
    }

    private static bool TryReadQuery(IQueryCollection query, [NotNullWhen(true)] out AgentQuery? result, out string problem)
    {
        result = null;
        var limit = DefaultLimit;
        var limitText = query["limit"].ToString();
        if (limitText.Length > 0
            && !(int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit))
        {
            problem = $"limit must be from 1 to {MaxLimit}.";
            return false;
        }

        var status = query["status"].ToString();
        if (status is not ("" or "online" or "offline"))
        {
            problem = "status must be online or offline.";
            return false;
        }

        if (!TryReadLabels(query["label"], out var labels))
        {
            problem = $"label must be key=value, at most {MaxLabels} of them and each key once.";
            return false;
        }

        problem = "";
        result = new AgentQuery
        {
            Tenant = AgentKey.DefaultTenant,
            Labels = labels,
            Online = status.Length == 0 ? null : status == "online",
            Limit = limit,
            After = query["cursor"].ToString(),
        };
        return true;
    }

    private static bool TryReadLabels(StringValues values, out Dictionary<string, string> labels)
    {
        labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            var equals = value?.IndexOf('=', StringComparison.Ordinal) ?? -1;
            if (equals <= 0 || labels.Count == MaxLabels || !labels.TryAdd(value![..equals], value[(equals + 1)..]))
            {
                return false;
            }
        }

        return true;
    }
}

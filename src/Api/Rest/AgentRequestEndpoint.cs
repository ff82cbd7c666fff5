using System.Buffers;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Switchboard.Api.Admission;
using Switchboard.Api.Durable;
using Switchboard.Api.Hosting;
using Switchboard.Api.Requests;
using Switchboard.Api.Telemetry;
using Switchboard.Api.Time;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Rest;

/// <summary>
/// Implements <c>POST /v1/agents/{id}/requests?method=</c>: the body goes to the agent as it is, the agent's response streams back.
/// </summary>
internal sealed class AgentRequestEndpoint(
    IRequestForwarder live,
    IDurableRequests durable,
    StoredResponseWriter stored,
    IOptions<RequestOptions> options,
    RequestIds ids,
    AdmissionLimits limits,
    GatewayClock clock)
{
    /// <summary>
    /// The number of bytes that the gateway may add to a body: id, headers, method. The rest of a message is for the body.
    /// </summary>
    public const int RoomForTheRest = 64 * 1024;

    private readonly RequestOptions _options = options.Value;

    public async Task HandleAsync(HttpContext context)
    {
        var arrived = clock.Time.GetTimestamp();
        if (!TryReadHead(context, out var terms, out var problem))
        {
            await Problems.WriteAsync(context, Verdict.BadRequest, problem, sent: false, ids.Next());
            return;
        }

        var maxBytes = _options.MaxMessageBytes - RoomForTheRest;
        var body = await RequestBodies.ReadAsync(context, Math.Max(maxBytes, 0), limits.Bytes);
        if (body.Outcome != BodyOutcome.Read)
        {
            await (body.Outcome == BodyOutcome.TooLong
                ? Problems.WriteAsync(context, Verdict.TooLarge, $"The body is longer than {maxBytes} bytes.", sent: false, ids.Next())
                : Problems.WriteAsync(context, Verdict.Overloaded, limits.BytesFull(), sent: false, ids.Next()));
            return;
        }

        var bytes = body.Bytes.IsEmpty ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(body.Bytes.ToArray());
        RequestBodies.Done(context, body, limits.Bytes);
        var (headers, headerList) = HeaderRules.ToAgent(context.Request.Headers);
        var request = new CallerRequest
        {
            Agent = terms.Agent,
            Method = context.Request.Query["method"].ToString(),
            Headers = headers,
            HeaderList = headerList,
            Body = bytes,
            CallerId = terms.CallerId,
            Timeout = terms.Preferences.RespondAsync ? null : terms.Preferences.Wait,
            ConnectWait = terms.ConnectWait,
            Caller = limits.CallerOf(context),
            ArrivedTimestamp = arrived,
            Trace = TraceContext.Read(context.Request.Headers),
        };
        if (!terms.Preferences.RespondAsync)
        {
            await SendAsync(context, request);
            return;
        }

        // Two steps, so that the second, which may wait for the response, does not keep the body in memory.
        var kept = new DurableTerms(terms.TimeToLive, Watched: terms.Preferences.Wait > TimeSpan.Zero);
        // A caller that goes now is not told, but what was begun is not undone: it may be on the disk already.
        var accepted = await durable.AcceptAsync(request, kept, CancellationToken.None);
        await ReplyAsync(context, accepted, terms, arrived);
    }

    private async Task SendAsync(HttpContext context, CallerRequest request)
    {
        if (request.Timeout is not null)
        {
            context.Response.Headers["Preference-Applied"] = $"wait={(long)request.Timeout.Value.TotalSeconds}";
        }

        var abort = new CallAbort(context);
        RequestResult result;
        try
        {
            result = await live.SendAsync(request, new RestResponseSink(context, abort), context.RequestAborted);
        }
        finally
        {
            abort.Over();
        }

        if (result.Verdict == Verdict.Answered)
        {
            return;
        }

        if (result.Started || context.Response.HasStarted)
        {
            // An incomplete response must not look complete: without this the caller would take it for the whole.
            context.Abort();
            return;
        }

        context.Response.Clear();
        await Problems.WriteAsync(context, result.Verdict, result.Detail, result.Sent, ids.OrNext(result.Id));
    }

    private async Task ReplyAsync(HttpContext context, DurableAccepted accepted, Terms terms, long arrived)
    {
        if (accepted.Refused is { } refused)
        {
            await Problems.WriteAsync(context, refused, accepted.Detail, sent: false, ids.OrNext(accepted.Id));
            return;
        }

        var wait = terms.Preferences.Wait ?? TimeSpan.Zero;
        var ended = wait > TimeSpan.Zero
            ? await durable.WhenEndedAsync(accepted.Id, wait, arrived, context.RequestAborted)
            : null;
        if (ended is { Verdict: not null })
        {
            context.Response.Headers["Preference-Applied"] = $"wait={(long)wait.TotalSeconds}";
            await stored.WriteAsync(context, accepted.Id, ended);
            return;
        }

        var id = accepted.Id.ToString();
        context.Response.Headers.Location = $"/v1/requests/{id}";
        context.Response.Headers["Preference-Applied"] = terms.Preferences.Wait is null ? "respond-async" : $"respond-async, wait={(long)wait.TotalSeconds}";
        context.Response.Headers["Durable"] = accepted.Durable ? "true" : "false";
        context.Response.Headers[Problems.RequestIdHeader] = id;
        var body = new AcceptedBody(id, terms.Agent.AgentId, accepted.Durable, $"/v1/requests/{id}", $"/v1/requests/{id}/response");
        await Json.WriteAsync(context, StatusCodes.Status202Accepted, body, Json.Context.AcceptedBody);
    }

    private bool TryReadHead(HttpContext context, out Terms terms, out string problem)
    {
        terms = default;
        if (!AgentKey.TryCreate(AgentKey.DefaultTenant, context.GetRouteValue("id") as string, out var agent, out var keyProblem))
        {
            problem = keyProblem;
            return false;
        }

        if (!Preferences.TryParse(context.Request.Headers["Prefer"], out var preferences))
        {
            problem = "Prefer must be a list of preferences (RFC 7240), and wait a whole number of seconds.";
            return false;
        }

        if (preferences.Wait is { } wait && (wait > _options.MaxTimeout || (wait == TimeSpan.Zero && !preferences.RespondAsync)))
        {
            problem = $"Prefer: wait is {(long)wait.TotalSeconds} s; it must be above 0 and at most {(long)_options.MaxTimeout.TotalSeconds} s.";
            return false;
        }

        if (!ConnectWait.TryParse(context.Request.Query[ConnectWait.Name], out var connectWait))
        {
            problem = ConnectWait.Problem + ".";
            return false;
        }

        var callerId = context.Request.Headers["Idempotency-Key"].ToString();
        if (callerId.Length > CallerRequestRules.MaxCallerIdLength)
        {
            problem = $"Idempotency-Key has {callerId.Length} characters; at most {CallerRequestRules.MaxCallerIdLength} are allowed.";
            return false;
        }

        if (callerId.Length > 0 && preferences.RespondAsync)
        {
            // The key of a live call is kept while it is in flight. A durable one outlives that: accepted twice, it would be executed
            // twice.
            problem = "Idempotency-Key is not kept with Prefer: respond-async; leave one of them out.";
            return false;
        }

        var timeToLive = _options.DefaultTimeToLive;
        var ttl = context.Request.Query["ttl"].ToString();
        if (ttl.Length > 0
            && !(Durations.TryParseSeconds(ttl, out timeToLive) && timeToLive > TimeSpan.Zero && timeToLive <= _options.MaxTimeToLive))
        {
            problem = $"ttl must be a time above 0 and at most {_options.MaxTimeToLive}, as 90 (seconds), 10m or 2h.";
            return false;
        }

        terms = new Terms(agent, preferences, callerId, timeToLive, connectWait);
        problem = "";
        return true;
    }

    private readonly record struct Terms(AgentKey Agent, Preferences Preferences, string CallerId, TimeSpan TimeToLive, TimeSpan ConnectWait);
}

using System.Net;
using System.Text;
using Google.Protobuf;
using Switchboard.Api.Tests.Harness;
using Switchboard.Core.Requests;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Rest;

/// <summary><c>POST /v1/agents/{id}/requests</c>: what becomes of a request and of a response on their way through HTTP.</summary>
public sealed class AgentRequestTests
{
    private static readonly Uri _send = new("/v1/agents/a1/requests?method=greet", UriKind.Relative);

    [Fact]
    public async Task The_body_and_the_end_to_end_headers_go_to_the_agent()
    {
        var live = Responding(static _ => { });
        await using var host = await RestHost.StartAsync(live);
        using var request = new HttpRequestMessage(HttpMethod.Post, _send) { Content = new ByteArrayContent([1, 2, 3]) };
        request.Headers.Add("X-Own", "v");
        request.Headers.Add("X-Many", ["a", "b"]);
        request.Headers.Add("Authorization", "Bearer secret");
        request.Headers.Add("Cookie", "secret=1");
        request.Headers.Add("Connection", "X-Hop");
        request.Headers.Add("X-Hop", "1");
        request.Headers.Add("TE", "trailers");
        request.Headers.Add("Prefer", "wait=7");
        request.Headers.Add("Idempotency-Key", "key-1");

        using var response = await host.Client.SendAsync(request).DefaultTimeout();

        var seen = await live.SeenAsync();
        Assert.Equal("default/a1", seen.Agent.ToString());
        Assert.Equal("greet", seen.Method);
        Assert.Equal([1, 2, 3], seen.Body.ToByteArray());
        Assert.Equal(TimeSpan.FromSeconds(7), seen.Timeout);
        Assert.Equal("key-1", seen.CallerId);
        Assert.Equal(["idempotency-key", "x-many", "x-own"], seen.Headers.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("v", seen.Headers["x-own"]);
        Assert.Equal("wait=7", response.Headers.GetValues("Preference-Applied").Single());
    }

    [Fact]
    public async Task Repeated_headers_stay_apart()
    {
        var live = Responding(static _ => { });
        await using var host = await RestHost.StartAsync(live);
        using var raw = await RawConnection.OpenAsync(host.Rest);

        await raw.SendAsync($"POST {_send} HTTP/1.1\r\nHost: x\r\nX-Many: a\r\nX-Many: b,c\r\nContent-Length: 0\r\n\r\n");

        var seen = await live.SeenAsync();
        Assert.Equal("a, b,c", seen.Headers["x-many"]);
        Assert.Equal([("x-many", "a"), ("x-many", "b,c")], seen.HeaderList.Select(static h => (h.Name, h.Value)));
    }

    [Fact]
    public async Task Status_and_headers_are_the_agents_but_for_what_http_forbids()
    {
        var live = Responding(static first =>
        {
            first.Headers["content-type"] = "text/x-own";
            first.Headers["x-own"] = "v";
            first.Headers["transfer-encoding"] = "chunked";
            first.Headers["connection"] = "close";
            first.Headers["content-length"] = "99";
            first.Headers["request-id"] = "forged";
            first.Headers["bad name"] = "v";
            first.Headers["Preference-Applied"] = "forged";
            first.Headers["strict-transport-security"] = "max-age=1";
            first.Headers["access-control-allow-origin"] = "*";
            first.Headers["Content-Type"] = "text/another";
            first.HeaderList.Add(new Header { Name = "Request-Id", Value = "forged" });
            first.HeaderList.Add(new Header { Name = "content-type", Value = "text/first" });
            first.HeaderList.Add(new Header { Name = "content-type", Value = "text/x-own" });
            first.Headers["x-split"] = "a\r\nX-Forged: 1";
            first.Headers["x-latin"] = "\u00fc";
            first.HeaderList.Add(new Header { Name = "Set-Cookie", Value = "a=1" });
            first.HeaderList.Add(new Header { Name = "set-cookie", Value = "b=2" });
            first.Body = ByteString.CopyFromUtf8("hello");
        }, status: 418);
        await using var host = await RestHost.StartAsync(live);

        using var response = await host.Client.PostAsync(_send, null).DefaultTimeout();

        Assert.Equal(418, (int)response.StatusCode);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
        Assert.Equal("text/x-own", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("v", response.Headers.GetValues("x-own").Single());
        Assert.Equal(["a=1", "b=2"], response.Headers.GetValues("Set-Cookie"));
        Assert.Equal(ScriptedRequests.Id.ToString(), response.Headers.GetValues("Request-Id").Single());
        Assert.False(response.Headers.Contains("x-split"));
        Assert.False(response.Headers.Contains("X-Forged"));
        Assert.False(response.Headers.Contains("Preference-Applied"));
        Assert.False(response.Headers.Contains("Strict-Transport-Security"));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Single(response.Content.Headers.GetValues("Content-Type"));

        // UTF-8, which this client reads as Latin-1.
        Assert.Equal("\u00c3\u00bc", response.Headers.GetValues("x-latin").Single());
        Assert.True(response.Headers.TransferEncodingChunked);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(205)]
    [InlineData(304)]
    public async Task A_status_without_content_has_none(int status)
    {
        await using var host = await RestHost.StartAsync(Responding(static first => first.Body = ByteString.CopyFromUtf8("x"), status));

        using var response = await host.Client.PostAsync(_send, null).DefaultTimeout();

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync());
    }

    /// <summary>R2: each message is with the caller before the next is there.</summary>
    [Fact]
    public async Task Messages_are_flushed_as_they_come()
    {
        var next = new SemaphoreSlim(0);
        var live = new ScriptedRequests(async (_, sink, ct) =>
        {
            await sink.AcceptedAsync(ScriptedRequests.Id, ct);
            await sink.FirstAsync(200, Message("one"), ct);
            await next.WaitAsync(ct);
            await sink.NextAsync(Message("two"), ct);
            await next.WaitAsync(ct);
            return ScriptedRequests.Ended(Verdict.Answered, started: true);
        });
        await using var host = await RestHost.StartAsync(live);
        using var request = new HttpRequestMessage(HttpMethod.Post, _send);

        using var response = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).DefaultTimeout();
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[3];
        await body.ReadExactlyAsync(buffer).DefaultTimeout();
        Assert.Equal("one", Encoding.ASCII.GetString(buffer));
        next.Release();
        await body.ReadExactlyAsync(buffer).DefaultTimeout();
        Assert.Equal("two", Encoding.ASCII.GetString(buffer));
        next.Release();
        Assert.Equal(0, await body.ReadAsync(buffer).DefaultTimeout());
    }

    /// <summary>R2: a response that ends in an error does not look whole: the last chunk never comes, the connection is cut.</summary>
    [Fact]
    public async Task An_error_after_the_start_cuts_the_connection()
    {
        var live = new ScriptedRequests(async (_, sink, ct) =>
        {
            await sink.AcceptedAsync(ScriptedRequests.Id, ct);
            await sink.FirstAsync(200, Message("half"), ct);
            return ScriptedRequests.Ended(Verdict.AgentFailed, started: true);
        });
        await using var host = await RestHost.StartAsync(live);
        using var raw = await RawConnection.OpenAsync(host.Rest);

        await raw.SendAsync($"POST {_send} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");

        var response = await raw.ReadToEndAsync();
        Assert.DoesNotContain("\r\n0\r\n\r\n", response, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => host.Client.PostAsync(_send, null).DefaultTimeout());
    }

    /// <summary>Before the start it is a problem, by the one table, with what the agent may have set taken back.</summary>
    [Theory]
    [InlineData(Verdict.AgentOffline, false, 503, "agent-offline")]
    [InlineData(Verdict.FirstMessageTimeout, true, 504, "first-message-timeout")]
    [InlineData(Verdict.ExpiredUnsent, false, 504, "expired-unsent")]
    [InlineData(Verdict.AgentDisconnected, true, 502, "agent-disconnected")]
    [InlineData(Verdict.AgentFailed, true, 502, "agent-failed")]
    [InlineData(Verdict.DuplicateId, false, 409, "duplicate-id")]
    [InlineData(Verdict.TooLarge, true, 413, "too-large")]
    [InlineData(Verdict.Overloaded, false, 429, "overloaded")]
    [InlineData(Verdict.Draining, false, 503, "draining")]
    [InlineData(Verdict.Internal, true, 500, "internal")]
    public async Task An_error_before_the_start_is_a_problem(Verdict verdict, bool sent, int status, string reason)
    {
        var live = new ScriptedRequests(async (_, sink, ct) =>
        {
            await sink.AcceptedAsync(ScriptedRequests.Id, ct);
            return ScriptedRequests.Ended(verdict, sent);
        });
        await using var host = await RestHost.StartAsync(live);

        using var response = await host.Client.PostAsync(_send, null).DefaultTimeout();

        var problem = await response.ProblemAsync((HttpStatusCode)status, reason);
        Assert.Equal(sent, problem.GetProperty("sent").GetBoolean());
        Assert.Equal(ScriptedRequests.Id.ToString(), problem.GetProperty("requestId").GetString());
        Assert.Equal(ScriptedRequests.Id.ToString(), response.Headers.GetValues("Request-Id").Single());
        Assert.Equal(status is 429 or 503, response.Headers.RetryAfter is not null);
    }

    /// <summary>R3: a caller that goes away is told to the request at once.</summary>
    [Fact]
    public async Task A_caller_that_left_ends_the_request()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var live = new ScriptedRequests(async (_, _, callerGone) =>
        {
            begun.SetResult();
            var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = callerGone.Register(gone.SetResult);
            await gone.Task;
            ended.SetResult();
            return ScriptedRequests.Ended(Verdict.CallerCancelled);
        });
        await using var host = await RestHost.StartAsync(live);
        using var leave = new CancellationTokenSource();

        var call = host.Client.PostAsync(_send, null, leave.Token);
        await begun.Task.DefaultTimeout();
        await leave.CancelAsync();

        await ended.Task.DefaultTimeout();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    /// <summary>Section 4: 4 MiB less 64 KiB pass; one byte more is 413, in chunks too, and reaches nobody.</summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    public async Task Bodies_have_a_limit(int above, bool chunked)
    {
        var live = Responding(static _ => { });
        await using var host = await RestHost.StartAsync(live);
        const int Limit = (4 * 1024 * 1024) - (64 * 1024);
        using var request = new HttpRequestMessage(HttpMethod.Post, _send) { Content = new ByteArrayContent(new byte[Limit + above]) };
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await host.Client.SendAsync(request).DefaultTimeout();

        if (above == 0)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(Limit, (await live.SeenAsync()).Body.Length);
        }
        else
        {
            await response.ProblemAsync(HttpStatusCode.RequestEntityTooLarge, "too-large");
        }
    }

    [Theory]
    [InlineData("/v1/agents/-a/requests", null, "agent_id")]
    [InlineData("/v1/agents/events/requests", null, "agent_id")]
    [InlineData("/v1/agents/a%20b/requests", null, "agent_id")]
    [InlineData("/v1/agents/a/requests", "wait=soon", "wait")]
    [InlineData("/v1/agents/a/requests?ttl=never", "respond-async", "ttl")]
    [InlineData("/v1/agents/a/requests?ttl=8d", "respond-async", "ttl")]
    [InlineData("/v1/agents/a/requests?ttl=0", "respond-async", "ttl")]
    [InlineData("/v1/agents/a/requests?method=a&method=b", null, "method is given 2 times")]
    [InlineData("/v1/agents/a/requests?metod=a", null, "'metod'")]
    [InlineData("/v1/agents/a/requests", "wait=\"5", "Prefer")]
    public async Task What_cannot_be_meant_is_refused_by_name(string path, string? prefer, string names)
    {
        await using var host = await RestHost.StartAsync(Responding(static _ => { }));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative));
        if (prefer is not null)
        {
            request.Headers.Add("Prefer", prefer);
        }

        using var response = await host.Client.SendAsync(request).DefaultTimeout();

        var problem = await response.ProblemAsync(HttpStatusCode.BadRequest, "bad-request");
        Assert.Contains(names, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static AgentResponse Message(string text) => new() { Body = ByteString.CopyFromUtf8(text) };

    private static ScriptedRequests Responding(Action<AgentResponse> first, int status = 200) => new(async (_, sink, ct) =>
    {
        var message = new AgentResponse();
        first(message);
        await sink.AcceptedAsync(ScriptedRequests.Id, ct);
        await sink.FirstAsync(status, message, ct);
        return ScriptedRequests.Ended(Verdict.Answered, started: true);
    });
}

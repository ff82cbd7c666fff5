using System.Net;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Switchboard.Abstractions.Durable;
using Switchboard.Api.Durable;
using Switchboard.Api.Tests.Harness;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Durable;

/// <summary>How durable requests reach their agent, and what is kept of the response, over REST and whatever happens to session and storage.</summary>
public sealed class DeliveryTests : IAsyncLifetime, IDisposable
{
    private readonly FaultyLog _log = new();
    private GatewayHost? _host;
    private HttpClient? _client;

    private GatewayHost Host => _host!;

    private HttpClient Client => _client!;

    public async Task InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(configure: services => services.Replace(ServiceDescriptor.Singleton<IRequestLog>(_log)));
        _client = new HttpClient { BaseAddress = Host.Rest };
    }

    public async Task DisposeAsync() => await Host.DisposeAsync();

    public void Dispose() => _client?.Dispose();

    /// <summary>D1: accepted for an agent that was never seen, it is delivered when that one connects, in the order of acceptance.</summary>
    [Fact]
    public async Task It_is_delivered_when_its_agent_comes()
    {
        List<string> paths = [];
        for (var i = 0; i < 20; i++)
        {
            paths.Add(await AcceptedAsync("later", $"{i}"));
        }

        await using var agent = await TestAgent.ConnectAsync(Host, "later", maxInFlight: 3);
        for (var i = 0; i < 20; i += 2)
        {
            // No more than it takes at once, and the first of them first.
            var (one, two) = (await agent.NextRequestAsync(), await agent.NextRequestAsync());
            Assert.Equal(($"{i}", $"{i + 1}", 1U), (one.Body.ToStringUtf8(), two.Body.ToStringUtf8(), one.Attempt));
            Assert.Equal(StatusCode.OK, await agent.RespondAsync(one.Id, new AgentResponse { Body = one.Body }));
            Assert.Equal(StatusCode.OK, await agent.RespondAsync(two.Id, new AgentResponse { Body = two.Body }));
        }

        for (var i = 0; i < 20; i++)
        {
            using var kept = await Client.GetAsync(new Uri($"{paths[i]}/response", UriKind.Relative)).DefaultTimeout();
            Assert.Equal((HttpStatusCode.OK, $"{i}"), (kept.StatusCode, await kept.Content.ReadAsStringAsync()));
        }

        await Host.AssertQuietAsync();
    }

    /// <summary>After a lost session it comes again, with the same id and the next attempt, before what was accepted later.</summary>
    [Fact]
    public async Task It_comes_again_after_a_lost_session()
    {
        string id;
        await using (var agent = await TestAgent.ConnectAsync(Host, "drops", maxInFlight: 1))
        {
            await AcceptedAsync("drops", "first");
            await AcceptedAsync("drops", "second");
            id = (await agent.NextRequestAsync()).Id;
        }

        await using var again = await TestAgent.ConnectAsync(Host, "drops", maxInFlight: 1);
        var request = await again.NextRequestAsync();
        Assert.Equal((id, "first", 2U), (request.Id, request.Body.ToStringUtf8(), request.Attempt));
        await again.RespondAsync(request.Id, new AgentResponse());
        var second = await again.NextRequestAsync();
        Assert.Equal(("second", 1U), (second.Body.ToStringUtf8(), second.Attempt));
        await again.RespondAsync(second.Id, new AgentResponse());
        await Host.AssertQuietAsync();
    }

    /// <summary>D2: what cannot be kept is not acknowledged; the agent gets the request again, and its next response is kept.</summary>
    [Fact]
    public async Task A_response_that_cannot_be_kept_is_not_acknowledged()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "unkept");
        var path = await AcceptedAsync("unkept", "x");
        var request = await agent.NextRequestAsync();
        _log.Fails = nameof(IRequestLog.EndAsync);
        Assert.NotEqual(StatusCode.OK, await agent.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("lost") }));
        _log.Fails = null;

        var again = await agent.NextRequestAsync();
        Assert.Equal((request.Id, 2U), (again.Id, again.Attempt));
        Assert.Equal(StatusCode.OK, await agent.RespondAsync(again.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("kept") }));
        Assert.Equal("kept", await Client.GetStringAsync(new Uri($"{path}/response", UriKind.Relative)).DefaultTimeout());
        await Host.AssertQuietAsync();
    }

    /// <summary>A response whose end was kept though the reply was lost is not asked for again.</summary>
    [Fact]
    public async Task What_was_recorded_is_never_sent_again()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "recorded");
        var path = await AcceptedAsync("recorded", "x");
        var request = await agent.NextRequestAsync();
        (_log.MadeAllTheSame, _log.Fails) = (true, nameof(IRequestLog.EndAsync));
        await agent.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("kept") });
        _log.Fails = null;

        Assert.Equal("kept", await Client.GetStringAsync(new Uri($"{path}/response", UriKind.Relative)).DefaultTimeout());
        await AcceptedAsync("recorded", "next");
        var next = await agent.NextRequestAsync();
        Assert.Equal("next", next.Body.ToStringUtf8());
        await agent.RespondAsync(next.Id, new AgentResponse());
        await Host.AssertQuietAsync();
    }

    /// <summary>A claim whose reply was lost is given up, and the request is sent with the next attempt.</summary>
    [Fact]
    public async Task A_claim_of_unknown_outcome_is_given_up()
    {
        (_log.MadeAllTheSame, _log.Fails) = (true, nameof(IRequestLog.ClaimAsync));
        await using var agent = await TestAgent.ConnectAsync(Host, "claimed");
        var path = await AcceptedAsync("claimed", "x");
        await Eventually.IsTrueAsync(
            async () => (await ReportAsync(path)).GetProperty("attempt").GetInt32() > 0, () => "it was not claimed");
        _log.Fails = null;

        var request = await agent.NextRequestAsync();
        Assert.True(request.Attempt > 1);
        Assert.Equal(StatusCode.OK, await agent.RespondAsync(request.Id, new AgentResponse()));
        await Host.AssertQuietAsync();
    }

    /// <summary>With the storage away nothing is accepted; what was written all the same is accepted.</summary>
    [Theory]
    [InlineData(false, HttpStatusCode.ServiceUnavailable)]
    [InlineData(true, HttpStatusCode.Accepted)]
    public async Task A_failed_write_is_read_back(bool made, HttpStatusCode status)
    {
        (_log.MadeAllTheSame, _log.Fails) = (made, nameof(IRequestLog.AcceptAsync));
        using var response = await PostAsync("nobody", "x");
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(made ? 1 : 0, _log.Counts.Open);
    }

    /// <summary>A response is streamed while it still comes in, whole and in order.</summary>
    [Fact]
    public async Task A_response_is_streamed_while_it_comes_in()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "long");
        var path = await AcceptedAsync("long", "x");
        var request = await agent.NextRequestAsync();
        using var call = agent.OpenResponse(request.Id);
        var part = new byte[RecordingSink.PartBytes];
        await call.RequestStream.WriteAsync(new AgentResponse { Status = 201, Headers = { { "x", "y" } }, Body = UnsafeByteOperations.UnsafeWrap(part) });
        using var coming = await Eventually.IsThereAsync(
            async () =>
            {
                var response = await Client.GetAsync(new Uri($"{path}/response", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
                return response.StatusCode == HttpStatusCode.Created ? response : null;
            },
            "the beginning of the response");
        Assert.Equal("y", Assert.Single(coming.Headers.GetValues("x")));
        Assert.Null(coming.Content.Headers.ContentLength);
        Assert.Equal("answering", (await ReportAsync(path)).GetProperty("state").GetString());

        await using var body = await coming.Content.ReadAsStreamAsync();
        var read = new byte[part.Length];
        await body.ReadExactlyAsync(read).AsTask().DefaultTimeout();
        await call.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("the end") });
        await call.RequestStream.CompleteAsync();
        await call.ResponseAsync.DefaultTimeout();
        using var rest = new StreamReader(body);
        Assert.Equal("the end", await rest.ReadToEndAsync().DefaultTimeout());
        await Host.AssertQuietAsync();
    }

    /// <summary>One that is cancelled is not sent again, and its agent hears of it.</summary>
    [Fact]
    public async Task A_cancel_reaches_the_agent()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "cancelled");
        var path = await AcceptedAsync("cancelled", "x");
        var request = await agent.NextRequestAsync();
        using var cancelled = await Client.DeleteAsync(new Uri(path, UriKind.Relative)).DefaultTimeout();
        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        Assert.Equal(request.Id, (await agent.NextControlAsync()).Cancel.RequestId);
        Assert.Equal("caller-cancelled", (await ReportAsync(path)).GetProperty("reason").GetString());
        await Host.AssertQuietAsync();
    }

    /// <summary>An agent's requests are listed by state and in pages, and a wrong question names what is wrong.</summary>
    [Fact]
    public async Task An_agents_requests_are_listed()
    {
        List<string> ids = [];
        for (var i = 0; i < 3; i++)
        {
            ids.Add((await AcceptedAsync("listed", "x")).Split('/')[^1]);
        }

        using var cancelled = await Client.DeleteAsync(new Uri($"/v1/requests/{ids[1]}", UriKind.Relative)).DefaultTimeout();
        var first = await ListAsync("?limit=2");
        Assert.Equal(ids.Take(2), Ids(first));
        var rest = await ListAsync($"?limit=2&cursor={first.GetProperty("cursor").GetString()}");
        Assert.Equal(ids.Skip(2), Ids(rest));
        Assert.False(rest.TryGetProperty("cursor", out _));
        Assert.Equal([ids[0], ids[2]], Ids(await ListAsync("?state=queued")));
        Assert.Equal([ids[1]], Ids(await ListAsync("?state=cancelled")));
        foreach (var (query, field) in new[] { ("?state=all", "state"), ("?state=1", "state"), ("?limit=0", "limit"), ("?cursor=x", "cursor") })
        {
            using var wrong = await Client.GetAsync(new Uri($"/v1/agents/listed/requests{query}", UriKind.Relative)).DefaultTimeout();
            Assert.StartsWith(field, (await wrong.ProblemAsync(HttpStatusCode.BadRequest, "bad-request")).GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        static IEnumerable<string?> Ids(JsonElement page) => page.GetProperty("requests").EnumerateArray().Select(r => r.GetProperty("requestId").GetString());
    }

    private async Task<JsonElement> ListAsync(string query) =>
        JsonDocument.Parse(await Client.GetStringAsync(new Uri($"/v1/agents/listed/requests{query}", UriKind.Relative)).DefaultTimeout()).RootElement;

    private async Task<JsonElement> ReportAsync(string path) =>
        JsonDocument.Parse(await Client.GetStringAsync(new Uri(path, UriKind.Relative)).DefaultTimeout()).RootElement;

    private async Task<string> AcceptedAsync(string agent, string body)
    {
        using var response = await PostAsync(agent, body);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("true", Assert.Single(response.Headers.GetValues("Durable")));
        return response.Headers.Location!.ToString();
    }

    private async Task<HttpResponseMessage> PostAsync(string agent, string body)
    {
        using var call = new HttpRequestMessage(HttpMethod.Post, $"/v1/agents/{agent}/requests") { Content = new StringContent(body) };
        call.Headers.Add("Prefer", "respond-async");
        return await Client.SendAsync(call).DefaultTimeout();
    }
}

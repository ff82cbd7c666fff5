using System.Net;
using System.Text.Json;
using Switchboard.Api.Tests.Harness;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Rest;

/// <summary><c>/v1/requests/{rid}</c>, <c>/v1/agents</c> and durable requests, with the real engine and grains.</summary>
public sealed class RequestLookupTests : IAsyncLifetime
{
    private RestHost _host = null!;

    public async Task InitializeAsync() => _host = await RestHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("/v1/requests/0001000000000000")]
    [InlineData("/v1/requests/0000000000000001")]
    [InlineData("/v1/requests/0000000000000001/response")]
    [InlineData("/v1/requests/nonsense")]
    [InlineData("/v1/requests/1")]
    public async Task What_nobody_knows_is_not_found(string path)
    {
        using var response = await _host.Client.GetAsync(new Uri(path, UriKind.Relative)).DefaultTimeout();

        await response.ProblemAsync(HttpStatusCode.NotFound, "not-found");
        var request = new Uri(path.Replace("/response", "", StringComparison.Ordinal), UriKind.Relative);
        using var deleted = await _host.Client.DeleteAsync(request).DefaultTimeout();
        await deleted.ProblemAsync(HttpStatusCode.NotFound, "not-found");
    }

    /// <summary>I6: ids are strings, in JSON and in headers.</summary>
    [Fact]
    public async Task A_refused_request_can_be_looked_up_by_its_id()
    {
        var send = new Uri("/v1/agents/nobody/requests?method=m", UriKind.Relative);
        using var refused = await _host.Client.PostAsync(send, null).DefaultTimeout();
        var problem = await refused.ProblemAsync(HttpStatusCode.ServiceUnavailable, "agent-offline");
        Assert.Equal(JsonValueKind.String, problem.GetProperty("requestId").ValueKind);

        var report = await JsonAsync($"/v1/requests/{problem.GetProperty("requestId").GetString()}");

        Assert.Equal(problem.GetProperty("requestId").GetString(), report.GetProperty("requestId").GetString());
        Assert.Equal("nobody", report.GetProperty("agentId").GetString());
        Assert.Equal("ended", report.GetProperty("state").GetString());
        Assert.Equal("agent-offline", report.GetProperty("reason").GetString());
        Assert.Equal("agent", report.GetProperty("fault").GetString());
        Assert.False(report.GetProperty("sent").GetBoolean());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", report.GetProperty("acceptedAt").GetString());
    }

    [Fact]
    public async Task A_durable_request_is_accepted_looked_up_and_cancelled()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/agents/away/requests?method=m&ttl=90", UriKind.Relative));
        request.Headers.Add("Prefer", "respond-async");
        using var accepted = await _host.Client.SendAsync(request).DefaultTimeout();

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var location = accepted.Headers.Location!.ToString();
        var body = JsonDocument.Parse(await accepted.Content.ReadAsStringAsync()).RootElement;
        Assert.False(body.GetProperty("durable").GetBoolean());
        Assert.Equal($"/v1/requests/{body.GetProperty("requestId").GetString()}", location);
        Assert.Equal("respond-async", accepted.Headers.GetValues("Preference-Applied").Single());
        Assert.Equal("accepted", (await JsonAsync(location)).GetProperty("state").GetString());
        using var notYet = await _host.Client.GetAsync(new Uri($"{location}/response", UriKind.Relative)).DefaultTimeout();
        Assert.Equal(HttpStatusCode.Accepted, notYet.StatusCode);

        using var cancelled = await _host.Client.DeleteAsync(new Uri(location, UriKind.Relative)).DefaultTimeout();

        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        Assert.Equal("caller-cancelled", (await JsonAsync(location)).GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("status=maybe", "status")]
    [InlineData("label=x", "label")]
    [InlineData("label=a=1&label=a=2", "label")]
    public async Task Lists_of_agents_refuse_what_they_do_not_understand(string query, string names)
    {
        using var response = await _host.Client.GetAsync(new Uri($"/v1/agents?{query}", UriKind.Relative)).DefaultTimeout();

        var problem = await response.ProblemAsync(HttpStatusCode.BadRequest, "bad-request");
        Assert.Contains(names, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_was_never_seen_is_unknown()
    {
        using var response = await _host.Client.GetAsync(new Uri("/v1/agents/nobody", UriKind.Relative)).DefaultTimeout();

        await response.ProblemAsync(HttpStatusCode.NotFound, "agent-unknown");
        Assert.Equal(0, (await JsonAsync("/v1/agents")).GetProperty("agents").GetArrayLength());
    }

    private async Task<JsonElement> JsonAsync(string path)
        => JsonDocument.Parse(await _host.Client.GetStringAsync(new Uri(path, UriKind.Relative)).DefaultTimeout()).RootElement;
}

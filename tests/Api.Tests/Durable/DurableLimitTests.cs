using System.Globalization;
using System.Net;
using Switchboard.Api.Tests.Harness;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Durable;

/// <summary>Durable requests past a limit of docs/limits.md: refused, counted, and room again once an earlier one has gone.</summary>
public sealed class DurableLimitTests
{
    [Theory]
    [InlineData("MaxPerAgent", 2, "a", "agent.durable", 429)]
    [InlineData("MaxBytesPerAgent", 65_536, "a", "agent.durable_bytes", 429)]
    [InlineData("MaxPerTenant", 2, "b", "tenant.durable", 429)]
    [InlineData("MaxBytesPerTenant", 65_536, "b", "tenant.durable_bytes", 429)]
    [InlineData("MaxRequests", 2, "b", "process.durable", 507)]
    [InlineData("MaxBytes", 65_536, "b", "process.durable_bytes", 507)]
    public async Task Past_it_nothing_is_accepted(string option, int value, string another, string limit, int status)
    {
        await using var host = await GatewayHost.StartAsync(settings: ($"Switchboard:Durable:{option}", value.ToString(CultureInfo.InvariantCulture)));
        using var client = new HttpClient { BaseAddress = host.Rest };
        var first = await AcceptedAsync(client, "a");
        await AcceptedAsync(client, "a");

        using var refused = await PostAsync(client, another);
        var problem = await refused.ProblemAsync((HttpStatusCode)status, status == 507 ? "storage-full" : "overloaded");
        var detail = problem.GetProperty("detail").GetString();
        Assert.EndsWith($"{value} ({limit})", detail, StringComparison.Ordinal);
        Assert.False(problem.GetProperty("sent").GetBoolean());
        Assert.Equal(status == 507 ? "60" : "1", refused.Headers.RetryAfter?.ToString());
        var metrics = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative)).DefaultTimeout();
        Assert.Contains($"switchboard_admission_refused_total{{limit=\"{limit}\"}} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("switchboard_durable_requests{state=\"open\"} 2", metrics, StringComparison.Ordinal);

        // What has ended makes room for its agent and its tenant at once; the storage keeps it a while.
        using var cancelled = await client.DeleteAsync(new Uri($"/v1/requests/{first}", UriKind.Relative)).DefaultTimeout();
        Assert.True(cancelled.IsSuccessStatusCode);
        using var again = await PostAsync(client, another);
        Assert.Equal(limit == "process.durable" ? 507 : 202, (int)again.StatusCode);
        await host.AssertQuietAsync();
    }

    private static async Task<string> AcceptedAsync(HttpClient client, string agent)
    {
        using var response = await PostAsync(client, agent);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return Assert.Single(response.Headers.GetValues("Request-Id"));
    }

    // Two of them fit into 64 KiB, three do not: each counts 4 KiB and its payload.
    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string agent)
    {
        using var call = new HttpRequestMessage(HttpMethod.Post, $"/v1/agents/{agent}/requests") { Content = new ByteArrayContent(new byte[20_000]) };
        call.Headers.Add("Prefer", "respond-async");
        return await client.SendAsync(call).DefaultTimeout();
    }
}

using System.Net;
using Google.Protobuf;
using Switchboard.Api.Durable;
using Switchboard.Api.Tests.Harness;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Durable;

/// <summary><c>Prefer: respond-async, wait=n</c>: 200 if the response is there within n seconds, else 202.</summary>
public sealed class DurableWaitTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private GatewayHost? _host;

    private GatewayHost Host => _host!;

    private DurableWaits Waits => Host.Service<DurableWaits>();

    public async Task InitializeAsync() => _host = await GatewayHost.StartAsync(_time, settings: ("Switchboard:Admission:MaxWaiting", "1"));

    public async Task DisposeAsync() => await Host.DisposeAsync();

    [Fact]
    public async Task The_response_is_there_in_time()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "quick");
        var call = PostAsync("quick", "respond-async, wait=5");
        var request = await agent.NextRequestAsync();
        await WhenWaitingAsync(1);
        _time.Advance(TimeSpan.FromSeconds(4));
        await agent.RespondAsync(request.Id, new AgentResponse { Status = 201, Headers = { { "x", "y" } }, Body = ByteString.CopyFromUtf8("hello") });
        using var response = await call;
        Assert.Equal((HttpStatusCode.Created, "hello"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(("y", "wait=5", request.Id), (One(response, "x"), One(response, "Preference-Applied"), One(response, "Request-Id")));
        await QuietAsync();
    }

    [Fact]
    public async Task The_response_is_not_there_in_time()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "slow");
        var call = PostAsync("slow", "respond-async, wait=5");
        var request = await agent.NextRequestAsync();
        await WhenWaitingAsync(1);
        _time.Advance(TimeSpan.FromSeconds(5.1));
        using var response = await call;
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("respond-async, wait=5", One(response, "Preference-Applied"));
        Assert.Equal($"/v1/requests/{request.Id}", response.Headers.Location!.ToString());

        // It is kept, and its response is there later.
        await agent.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("late") });
        using var client = new HttpClient { BaseAddress = Host.Rest };
        var stored = await Eventually.IsThereAsync(
            async () => await client.GetAsync($"{response.Headers.Location}/response") is { StatusCode: HttpStatusCode.OK } ok ? ok : null, "the response");
        Assert.Equal("late", await stored.Content.ReadAsStringAsync());
        await QuietAsync();
    }

    [Fact]
    public async Task An_end_without_a_response_is_told_too()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "fails");
        var call = PostAsync("fails", "respond-async, wait=5");
        var request = await agent.NextRequestAsync();
        await WhenWaitingAsync(1);
        await agent.RespondAsync(request.Id, new AgentResponse { Error = "disk full" });
        using var response = await call;
        // Kept with the request: whoever comes later learns why, too.
        using var client = new HttpClient { BaseAddress = Host.Rest };
        using var later = await client.GetAsync(new Uri($"/v1/requests/{request.Id}/response", UriKind.Relative));
        foreach (var told in new[] { response, later })
        {
            var problem = await told.ProblemAsync(HttpStatusCode.BadGateway, "agent-failed");
            Assert.Equal("the agent reported an error: disk full", problem.GetProperty("detail").GetString());
        }

        var report = await client.GetStringAsync(new Uri($"/v1/requests/{request.Id}", UriKind.Relative));
        Assert.Contains("\"detail\":\"the agent reported an error: disk full\"", report, StringComparison.Ordinal);
        await QuietAsync();
    }

    /// <summary>A wait is a wish: who finds no place, asks for none, or does not come first, gets the 202 that is its due.</summary>
    [Fact]
    public async Task Who_cannot_wait_is_told_202()
    {
        var first = PostAsync("nobody", "respond-async, wait=5");
        await WhenWaitingAsync(1);
        using var second = await PostAsync("nobody", "respond-async, wait=5");
        using var third = await PostAsync("nobody", "respond-async, wait=0");
        using var fourth = await PostAsync("nobody", "respond-async");
        Assert.All([second, third, fourth], r => Assert.Equal(HttpStatusCode.Accepted, r.StatusCode));
        _time.Advance(TimeSpan.FromSeconds(5.1));
        using var response = await first;
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        await QuietAsync();
    }

    [Fact]
    public async Task A_stop_ends_the_wait_and_not_the_request()
    {
        var call = PostAsync("nobody", "respond-async, wait=60");
        await WhenWaitingAsync(1);
        var stopped = Host.StopAsync();
        using var response = await call;
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        await stopped.DefaultTimeout();
    }

    [Theory]
    [InlineData("respond-async, wait=601")]
    [InlineData("wait=601")]
    [InlineData("wait=0")]
    public async Task A_wrong_wait_names_the_field_and_the_limit(string prefer)
    {
        using var response = await PostAsync("nobody", prefer);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("Prefer: wait", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("at most 600 s", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> PostAsync(string agent, string prefer)
    {
        using var client = new HttpClient { BaseAddress = Host.Rest };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/agents/{agent}/requests") { Headers = { { "Prefer", prefer } } };
        return await client.SendAsync(request).DefaultTimeout();
    }

    private static string One(HttpResponseMessage response, string name) => string.Join(", ", response.Headers.GetValues(name));

    private Task WhenWaitingAsync(int count) => Eventually.IsTrueAsync(() => Waits.Count == count, () => $"{Waits.Count} wait instead of {count}");

    private async Task QuietAsync()
    {
        await Host.AssertQuietAsync();
        Assert.Equal(0, Waits.Count);
    }
}

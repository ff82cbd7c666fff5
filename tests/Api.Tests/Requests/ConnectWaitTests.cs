using Grpc.Core;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;
using Switchboard.Api.Tests.Harness;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Requests;

/// <summary>A caller may wait for an agent that is away: here, until the connect, its own time or its deadline, whichever comes first.</summary>
public sealed class ConnectWaitTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private readonly HookedRoutes _routes = new();
    private GatewayHost? _host;

    private GatewayHost Host => _host!;

    private ConnectWaiters Arrivals => Host.Service<ConnectWaiters>();

    public async Task InitializeAsync() => _host = await GatewayHost.StartAsync(
        _time,
        _routes.Into,
        ("Switchboard:Admission:MaxWaitingPerAgent", "2"), ("Switchboard:Admission:MaxWaiting", "3"));

    public async Task DisposeAsync() => await Host.DisposeAsync();

    [Fact]
    public async Task The_connect_wakes_those_who_wait()
    {
        var first = Wait("comes", "5", "one");
        var second = Wait("comes", "5", "two");
        await WhenWaitingAsync(2);
        _time.Advance(TimeSpan.FromSeconds(4));

        await using var agent = await TestAgent.ConnectAsync(Host, "comes");
        _ = agent.EchoAsync();

        Assert.Equal("one", (await first.EndAsync()).Text);
        Assert.Equal("two", (await second.EndAsync()).Text);
        await QuietAsync();
    }

    [Fact]
    public async Task What_is_left_travels_to_the_agent_that_came()
    {
        var call = Wait("late", "5", timeout: TimeSpan.FromSeconds(20));
        await WhenWaitingAsync(1);
        _time.Advance(TimeSpan.FromSeconds(3));
        await using var agent = await TestAgent.ConnectAsync(Host, "late");
        var request = await agent.NextRequestAsync();
        Assert.Equal(TimeSpan.FromSeconds(17), request.Timeout.ToTimeSpan());
        await agent.RespondAsync(request.Id, new AgentResponse());
        await call.EndAsync();
        await QuietAsync();
    }

    [Fact]
    public async Task Nobody_comes()
    {
        var call = Wait("nobody", "5");
        var id = await call.IdAsync();
        await WhenWaitingAsync(1);
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(1, Arrivals.Count);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        var end = await call.EndAsync();
        Assert.Equal((StatusCode.NotFound, "agent-offline", "no", id), (end.Status, end.Reason, end.Sent, end.RequestId));
        await QuietAsync();
    }

    [Fact]
    public async Task The_deadline_is_sooner()
    {
        var call = Wait("deadline", "60", timeout: TimeSpan.FromSeconds(3));
        await WhenWaitingAsync(1);
        _time.Advance(TimeSpan.FromSeconds(3.1));
        var end = await call.EndAsync();
        Assert.Equal((StatusCode.DeadlineExceeded, "expired-unsent", "no"), (end.Status, end.Reason, end.Sent));
        await QuietAsync();
        await using var agent = await TestAgent.ConnectAsync(Host, "deadline");
        Assert.False(agent.TryNextRequest(out _));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0")]
    public async Task Who_does_not_ask_does_not_wait(string? wait)
    {
        var end = await Wait("away", wait).EndAsync();
        Assert.Equal((StatusCode.NotFound, "agent-offline", "no"), (end.Status, end.Reason, end.Sent));
        await QuietAsync();
    }

    [Theory]
    [InlineData("61")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("soon")]
    [InlineData("99999999999999999999")]
    public async Task A_wrong_wait_names_the_field_and_the_limit(string wait)
    {
        var end = await Wait("away", wait).EndAsync();
        Assert.Equal((StatusCode.InvalidArgument, "bad-request", "no"), (end.Status, end.Reason, end.Sent));
        Assert.Equal("connect-wait must be a whole number of seconds from 0 to 60", end.Detail);

        using var response = await PostAsync("away", wait);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("connect-wait must be", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_rest_it_is_a_parameter()
    {
        var pending = PostAsync("rest", "5");
        await WhenWaitingAsync(1);
        await using var agent = await TestAgent.ConnectAsync(Host, "rest");
        _ = agent.EchoAsync();
        using var response = await pending;
        Assert.Equal(200, (int)response.StatusCode);

        pending = PostAsync("rest-nobody", "5");
        await WhenWaitingAsync(1);
        _time.Advance(TimeSpan.FromSeconds(5.1));
        using var offline = await pending;
        Assert.Equal((503, true), ((int)offline.StatusCode, offline.Headers.RetryAfter is not null));
        await QuietAsync();
    }

    [Fact]
    public async Task A_caller_that_goes_leaves()
    {
        using var call = Wait("left", "60");
        await WhenWaitingAsync(1);
        call.Dispose();
        await QuietAsync();
    }

    [Fact]
    public async Task A_stop_ends_the_wait()
    {
        var call = Wait("stops", "60", timeout: TimeSpan.FromSeconds(60));
        await WhenWaitingAsync(1);
        var stopped = Host.StopAsync();
        var end = await call.EndAsync();
        Assert.Equal((StatusCode.Unavailable, "draining", "no"), (end.Status, end.Reason, end.Sent));
        Assert.Equal(0, Arrivals.Count);
        await stopped.DefaultTimeout();
    }

    /// <summary>R5: who finds no place is told so, and which bound it was.</summary>
    [Fact]
    public async Task Those_who_wait_are_bounded()
    {
        List<TestCall> waiting = [Wait("full", "60"), Wait("full", "60")];
        await WhenWaitingAsync(2);
        var third = await Wait("full", "60").EndAsync();
        Assert.Equal((StatusCode.ResourceExhausted, "overloaded", "no"), (third.Status, third.Reason, third.Sent));
        Assert.Contains("wait for the agent to connect as may, 2 (agent.waiting)", third.Detail, StringComparison.Ordinal);

        waiting.Add(Wait("other", "60"));
        await WhenWaitingAsync(3);
        var fourth = await Wait("another", "60").EndAsync();
        Assert.Contains("as may, 3 (process.waiting)", fourth.Detail, StringComparison.Ordinal);
        waiting.ForEach(w => w.Dispose());
        await QuietAsync();
    }

    /// <summary>
    /// A session that ends before it was given the request gives it back, and its caller waits on: what was asked for is the agent, not
    /// one session of it.
    /// </summary>
    [Fact]
    public async Task A_session_that_ends_unsent_costs_nobody_the_wait()
    {
        using var stuck = new StuckStream();
        var running = Host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("flaps"), stuck, stuck.Gone);
        await stuck.Stuck.DefaultTimeout();
        var call = Wait("flaps", "30", "hello");
        await call.IdAsync();
        Assert.Equal(0, Arrivals.Count);
        await stuck.LeaveAsync(running);
        await WhenWaitingAsync(1);
        await using var agent = await TestAgent.ConnectAsync(Host, "flaps");
        _ = agent.EchoAsync();
        Assert.Equal("hello", (await call.EndAsync()).Text);
        await QuietAsync();
    }

    /// <summary>The route says that nobody is there; the agent connects and wakes those who wait; only then the request waits.</summary>
    [Fact]
    public async Task A_connect_between_the_look_and_the_wait_is_not_missed()
    {
        TestAgent? agent = null;
        _routes.Replied = async result => agent ??= result.Targets.Count > 0 ? null : await TestAgent.ConnectAsync(Host, "between");
        var call = Wait("between", "60", "hello");
        await Eventually.IsTrueAsync(() => agent is not null, () => "the agent's grain was not asked");
        _ = agent!.EchoAsync();
        Assert.Equal("hello", (await call.EndAsync()).Text);
        await agent.DisposeAsync();
        await QuietAsync();
    }

    /// <summary>As before, but the request is over before it waits: then it must not be left among those who do.</summary>
    [Fact]
    public async Task A_request_that_ends_between_the_look_and_the_wait_does_not_wait()
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _routes.Replied = _ =>
        {
            _time.Advance(TimeSpan.FromSeconds(3.1));
            seen.TrySetResult();
            return Task.CompletedTask;
        };
        using var call = Wait("gone-between", "60", timeout: TimeSpan.FromSeconds(3));
        await seen.Task.DefaultTimeout();
        Assert.Equal("expired-unsent", (await call.EndAsync()).Reason);
        await QuietAsync();
    }

    private TestCall Wait(string agent, string? wait, string body = "", TimeSpan? timeout = null) => new(
        Host.Client, TestCall.Request(agent, body, timeout: timeout), metadata: wait is null ? null : new Metadata { { "connect-wait", wait } });

    private async Task<HttpResponseMessage> PostAsync(string agent, string wait)
    {
        using var client = new HttpClient { BaseAddress = Host.Rest };
        return await client.PostAsync(new Uri($"/v1/agents/{agent}/requests?connect-wait={wait}", UriKind.Relative), null).DefaultTimeout();
    }

    private Task WhenWaitingAsync(int count) => Eventually.IsTrueAsync(() => Arrivals.Count == count, () => $"{Arrivals.Count} wait instead of {count}");

    private async Task QuietAsync()
    {
        await Host.AssertQuietAsync();
        Assert.Equal(0, Arrivals.Count);
    }
}

using Google.Protobuf;
using Grpc.Core;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;
using Switchboard.Api.Tests.Harness;
using Switchboard.Api.Time;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Requests;

/// <summary>Every time limit of the engine, on a clock that the test turns.</summary>
public sealed class DeadlineTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private GatewayHost? _host;

    private GatewayHost Host => _host!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartAsync(_time);

    public async Task DisposeAsync() => await Host.DisposeAsync();

    /// <summary>W6, W11: one deadline from arrival; its verdict is not that of an agent that left.</summary>
    [Fact]
    public async Task An_agent_that_never_responds()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "silent");
        var call = TestCall.Start(Host, "silent", timeout: TimeSpan.FromSeconds(3));
        var request = await agent.NextRequestAsync();
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Equal(1, Host.Requests.Count);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        var end = await call.EndAsync();
        Assert.Equal((StatusCode.DeadlineExceeded, "first-message-timeout", "yes"), (end.Status, end.Reason, end.Sent));
        var cancel = (await agent.NextControlAsync()).Cancel;
        Assert.Equal((request.Id, "first-message-timeout"), (cancel.RequestId, cancel.Reason));
        await Host.AssertQuietAsync();
    }

    /// <summary>W6: the original waited without a limit to hand the request over. What cannot be sent in time is not sent later either.</summary>
    [Fact]
    public async Task A_request_whose_time_is_up_before_it_is_sent_is_never_sent()
    {
        using var stream = new StuckStream();
        var running = Host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("stuck"), stream, stream.Gone);
        await stream.Stuck.DefaultTimeout();
        var call = TestCall.Start(Host, "stuck", timeout: TimeSpan.FromSeconds(3));
        await call.IdAsync();
        _time.Advance(TimeSpan.FromSeconds(3.1));
        var end = await call.EndAsync();
        Assert.Equal((StatusCode.DeadlineExceeded, "expired-unsent", "no"), (end.Status, end.Reason, end.Sent));
        stream.Release();
        await Host.AssertQuietAsync();
        await stream.LeaveAsync(running);
        Assert.DoesNotContain(stream.Written, m => m.Control is null);
    }

    /// <summary>What the agent is told is what is left when the request is written, and not when it came.</summary>
    [Fact]
    public async Task What_is_left_travels_to_the_agent()
    {
        using var stream = new StuckStream();
        var running = Host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("left"), stream, stream.Gone);
        await stream.Stuck.DefaultTimeout();
        var call = TestCall.Start(Host, "left", timeout: TimeSpan.FromSeconds(9));
        await call.IdAsync();
        _time.Advance(TimeSpan.FromSeconds(4));
        stream.Release();
        await stream.CountAsync(2);
        Assert.Equal(TimeSpan.FromSeconds(5), stream.Written.Last().Timeout.ToTimeSpan());
        await stream.LeaveAsync(running);
        Assert.Equal("agent-disconnected", (await call.EndAsync()).Reason);
        await Host.AssertQuietAsync();
    }

    /// <summary>Over REST the deadline is <c>Prefer: wait</c>.</summary>
    [Fact]
    public async Task Prefer_wait_is_the_deadline()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "prefer");
        using var client = new HttpClient { BaseAddress = Host.Rest };
        using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/agents/prefer/requests") { Headers = { { "Prefer", "wait=7" } } };
        var call = client.SendAsync(message);
        var request = await agent.NextRequestAsync();
        Assert.Equal(TimeSpan.FromSeconds(7), request.Timeout.ToTimeSpan());
        _time.Advance(TimeSpan.FromSeconds(7.1));
        using var response = await call.DefaultTimeout();
        Assert.Equal(504, (int)response.StatusCode);
        Assert.Contains("first-message-timeout", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await Host.AssertQuietAsync();
    }

    /// <summary>R4: a write to an agent that hangs ends its session, and what waited there is routed to its next one.</summary>
    [Fact]
    public async Task A_write_that_hangs_ends_the_session()
    {
        using var stream = new StuckStream();
        var running = Host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("hangs"), stream, stream.Gone);
        await stream.Stuck.DefaultTimeout();
        var call = TestCall.Start(Host, "hangs", "hello");
        await call.IdAsync();
        _time.Advance(TimeSpan.FromSeconds(11));
        await stream.Aborted.DefaultTimeout();
        await running.DefaultTimeout();
        Assert.Equal("agent-offline", (await call.EndAsync()).Reason);
        await Host.AssertQuietAsync();
    }

    /// <summary>Until the deadline to the first message has been kept, and then only pauses of 60 s count.</summary>
    [Fact]
    public async Task An_agent_silent_for_twenty_seconds_in_mid_response_is_waited_for()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "pause");
        using var call = TestCall.Start(Host, "pause");
        var request = await agent.NextRequestAsync();
        using var responseCall = agent.OpenResponse(request.Id);
        await responseCall.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("one ") });
        await call.NextAsync();
        await PassAsync(TimeSpan.FromSeconds(20));
        await responseCall.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("two ") });
        await call.NextAsync();
        await PassAsync(TimeSpan.FromSeconds(59));
        await responseCall.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("three") });
        await responseCall.RequestStream.CompleteAsync();
        Assert.Equal("one two three", (await call.EndAsync()).Text);
        await Host.AssertQuietAsync();
    }

    [Fact]
    public async Task An_agent_silent_for_more_than_a_minute_in_mid_response_is_not()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "stall");
        using var call = TestCall.Start(Host, "stall");
        var request = await agent.NextRequestAsync();
        using var responseCall = agent.OpenResponse(request.Id);
        await responseCall.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("one") });
        await call.NextAsync();
        await WhenTheAgentIsToMoveAsync(request.Id);
        await PassAsync(TimeSpan.FromSeconds(61));
        var end = await call.EndAsync();
        Assert.Equal((StatusCode.DeadlineExceeded, "stalled", "yes"), (end.Status, end.Reason, end.Sent));
        var e = await Assert.ThrowsAsync<RpcException>(async () => await responseCall.ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.Cancelled, e.StatusCode);
        await Host.AssertQuietAsync();
    }

    /// <summary>A pause counts from the first message on, and is not only looked at once the deadline would have come.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public async Task A_pause_that_is_over_before_the_deadline(int connectWait)
    {
        await using var host = await GatewayHost.StartAsync(_time, settings: ("Switchboard:Requests:IdleTimeout", "3s"));
        var waits = new Metadata { { "connect-wait", $"{connectWait}" } };
        var agent = connectWait == 0 ? await TestAgent.ConnectAsync(host, "idle") : null;
        using var call = new TestCall(host.Client, TestCall.Request("idle", timeout: TimeSpan.FromMinutes(5)), metadata: waits);
        if (agent is null)
        {
            await Eventually.IsTrueAsync(() => host.Service<ConnectWaiters>().Count == 1, () => "it does not wait for its agent");
            _time.Advance(TimeSpan.FromSeconds(1));
            agent = await TestAgent.ConnectAsync(host, "idle");
        }

        await using var leaves = agent;
        var request = await agent.NextRequestAsync();

        // Nothing is to be said before the first message but by the deadline.
        _time.Advance(TimeSpan.FromSeconds(7));
        Assert.True(host.Requests.TryFind(Convert.ToUInt64(request.Id, 16), out var live));
        using var responseCall = agent.OpenResponse(request.Id);
        await responseCall.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("one") });
        await call.NextAsync();
        await Eventually.IsTrueAsync(() => !live.IsCallersTurn, () => "the caller's write has not ended");
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(live.HasEnded);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal("stalled", (await call.EndAsync()).Reason);
    }

    /// <summary>The caller's own deadline is a deadline, told by us 50 ms before it, and never reported as the caller's leaving.</summary>
    [Fact]
    public async Task The_callers_own_deadline_is_never_a_cancellation()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "grpc-timeout");
        var left = TimeSpan.FromSeconds(100);
        var call = new TestCall(Host.Client, TestCall.Request("grpc-timeout", timeout: TimeSpan.FromMinutes(5)), TimeProvider.System.GetUtcNow().UtcDateTime + left);
        var request = await agent.NextRequestAsync();
        Assert.InRange(request.Timeout.ToTimeSpan(), left - TimeSpan.FromSeconds(30), left - RequestTerms.BeforeCaller);
        await PassAsync(request.Timeout.ToTimeSpan() + 2 * TimerWheel.Tick);
        var end = await call.EndAsync();
        Assert.Equal((StatusCode.DeadlineExceeded, "first-message-timeout"), (end.Status, end.Reason));
        await Host.AssertQuietAsync();
    }

    /// <summary>An idle session hears a heartbeat every 10 s.</summary>
    [Fact]
    public async Task An_idle_session_hears_heartbeats()
    {
        using var stream = new StuckStream { StuckAfter = int.MaxValue };
        var running = Host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("idle"), stream, stream.Gone);
        await stream.CountAsync(1);
        for (var beat = 1; beat <= 3; beat++)
        {
            // The clock stands at the second at which a heartbeat is due until it is written: the next is due 10 s after the check that sent
            // this one, and a check reads the clock after its timer, wherever the clock is by then.
            await Eventually.IsTrueAsync(() => Host.Sessions.Streams.Single().IsIdle, () => "the session still writes");
            _time.Advance(TimeSpan.FromSeconds(9));
            Assert.Equal(beat, stream.Written.Count);
            _time.Advance(TimeSpan.FromSeconds(1));
            await stream.CountAsync(beat + 1);
        }

        Assert.All(stream.Written.Skip(1), m => Assert.Equal(Control.KindOneofCase.Heartbeat, m.Control.KindCase));
        await stream.LeaveAsync(running);
    }

    // In one turn of the clock a heartbeat's write would begin at 10 s and, whatever it takes, be found hanging at 20 s: the session would end.
    private async Task PassAsync(TimeSpan time)
    {
        var step = TimeSpan.FromSeconds(5);
        for (; time > step; time -= step)
        {
            _time.Advance(step);
            await Eventually.IsTrueAsync(() => Host.Sessions.Streams.All(s => s.IsIdle), () => "a session still writes");
        }

        _time.Advance(time);
    }

    private Task WhenTheAgentIsToMoveAsync(string requestId)
    {
        Assert.True(Host.Requests.TryFind(Convert.ToUInt64(requestId, 16), out var live));
        return Eventually.IsTrueAsync(() => !live.IsCallersTurn, () => "the caller's write has not ended");
    }
}

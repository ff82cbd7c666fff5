using Grpc.Core;
using Switchboard.Client.Tests.Fakes;

namespace Switchboard.Client.Tests.Serving;

/// <summary>Tests the life of the subscription: welcome, missing heartbeats, go_away, stop.</summary>
public class SessionTests
{
    [Fact]
    public async Task It_introduces_itself_and_says_when_it_is_connected()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var agent = RunningAgent.Start(gateway, RunningAgent.NoHandler, o => o with
        {
            Labels = new Dictionary<string, string> { ["room"] = "lab" },
            SoftwareVersion = "1.2",
            MaxInFlight = 7,
        });
        var session = await gateway.NextSessionAsync();
        var info = session.Info;
        Assert.Equal(("agent-1", "1.2", 7u, "lab"), (info.AgentId, info.SoftwareVersion, info.MaxInFlight, info.Labels["room"]));
        Assert.Equal(session.Id, (await agent.NextAsync(SwitchboardAgentState.Connected)).SessionId);
    }

    [Fact]
    public async Task A_subscription_that_does_not_begin_with_welcome_is_left_and_tried_again()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var first = true;
        gateway.First = id => Interlocked.Exchange(ref first, false)
            ? new() { Id = "r1", AgentId = "agent-1" }
            : Messages.Welcome(id, TimeSpan.FromSeconds(10));
        await using var agent = RunningAgent.Start(gateway, RunningAgent.NoHandler);
        Assert.Contains("welcome", (await agent.NextAsync(SwitchboardAgentState.Waiting)).Detail, StringComparison.Ordinal);
        await agent.NextAsync(SwitchboardAgentState.Connected);
    }

    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.Internal)]
    [InlineData(StatusCode.OK)]
    public async Task A_lost_subscription_is_opened_again(StatusCode status)
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var agent = RunningAgent.Start(gateway, RunningAgent.NoHandler);
        for (var i = 0; i < 3; i++)
        {
            var session = await gateway.NextSessionAsync();
            if (status == StatusCode.OK)
            {
                session.End();
            }
            else
            {
                session.Fail(status);
            }
        }

        await gateway.NextSessionAsync();
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument)]
    [InlineData(StatusCode.PermissionDenied)]
    [InlineData(StatusCode.Unauthenticated)]
    public async Task An_error_that_a_retry_does_not_resolve_ends_the_agent(StatusCode status)
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Refusal = new RpcException(new Status(status, "no"), new Metadata { { "switchboard-reason", "forbidden" } });
        await using var agent = RunningAgent.Start(gateway, RunningAgent.NoHandler);
        var error = await Assert.ThrowsAsync<SwitchboardException>(() => agent.Completion.DefaultTimeout());
        Assert.Equal((status, "forbidden"), (error.StatusCode, error.Reason));
    }

    [Theory]
    [InlineData("3", 3)]
    [InlineData("100000", 60)]
    [InlineData("soon", 0)]
    [InlineData(null, 0)]
    public async Task A_gateway_that_has_too_much_to_do_says_when_to_come_back(string? retryAfter, int seconds)
    {
        await using var gateway = await FakeGateway.StartAsync();
        var trailers = new Metadata { { "switchboard-reason", "overloaded" } };
        if (retryAfter is not null)
        {
            trailers.Add("retry-after", retryAfter);
        }

        gateway.Refusal = new RpcException(new Status(StatusCode.ResourceExhausted, "full"), trailers);
        await using var agent = RunningAgent.Start(gateway, RunningAgent.NoHandler);
        var waiting = await agent.NextAsync(SwitchboardAgentState.Waiting);
        Assert.InRange(waiting.RetryAfter, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds) + TimeSpan.FromMilliseconds(20));
    }

    /// <summary>
    /// A gateway that lives and cannot serve just now, as while a node's death is being found, is asked again soon; one that has too much to
    /// do is left alone for longer and longer.
    /// </summary>
    [Theory]
    [InlineData("unavailable", 2)]
    [InlineData("draining", 2)]
    [InlineData("overloaded", 3)]
    [InlineData(null, 3)]
    public async Task A_gateway_that_cannot_serve_just_now_is_asked_again_soon(string? reason, int seconds)
    {
        await using var gateway = await FakeGateway.StartAsync();
        var trailers = new Metadata();
        if (reason is not null)
        {
            trailers.Add("switchboard-reason", reason);
        }

        gateway.Refusal = new RpcException(new Status(StatusCode.Unavailable, "not now"), trailers);
        await using var agent = RunningAgent.Start(gateway, RunningAgent.NoHandler, static o => o with
        {
            MinReconnectDelay = TimeSpan.FromSeconds(1.5),
            MaxReconnectDelay = TimeSpan.FromSeconds(30),
            NextRandom = static () => 1,
        });
        Assert.Equal(TimeSpan.FromSeconds(seconds), (await agent.NextAsync(SwitchboardAgentState.Waiting)).RetryAfter);
    }

    [Fact]
    public async Task Without_a_message_for_two_and_a_half_heartbeats_the_connection_is_lost_and_heartbeats_are_messages()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await FakeGateway.StartAsync();
        await using var agent = RunningAgent.Start(gateway, RunningAgent.NoHandler, o => o with { TimeProvider = time });
        var session = await gateway.NextSessionAsync();
        await agent.NextAsync(SwitchboardAgentState.Connected);

        // A request's response is the sign that the heartbeat before it has been read.
        time.Advance(TimeSpan.FromSeconds(24));
        session.Heartbeat();
        session.Request("r1");
        await gateway.NextResponseAsync();
        time.Advance(TimeSpan.FromSeconds(24));
        Assert.False(session.Ended.Task.IsCompleted);

        time.Advance(TimeSpan.FromSeconds(2));
        await session.Ended.Task.DefaultTimeout();
        Assert.Contains("silent", (await agent.NextAsync(SwitchboardAgentState.Waiting)).Detail, StringComparison.Ordinal);
        await time.WhenTimerIsSetAsync(TimeSpan.FromMilliseconds(1));
        time.Advance(TimeSpan.FromSeconds(1));
        await gateway.NextSessionAsync();
    }

    [Fact]
    public async Task A_gateway_that_never_says_welcome_is_given_up()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await FakeGateway.StartAsync();
        gateway.First = _ => null;
        await using var agent = RunningAgent.Start(gateway, RunningAgent.NoHandler, o => o with { TimeProvider = time });
        var session = await gateway.NextSessionAsync();
        time.Advance(TimeSpan.FromSeconds(16));
        await session.Ended.Task.DefaultTimeout();
        Assert.Contains("welcome", (await agent.NextAsync(SwitchboardAgentState.Waiting)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Draining_opens_the_new_session_first_and_the_old_one_completes_what_it_has()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var agent = RunningAgent.Start(gateway, async (request, response, cancelled) =>
        {
            if (request.Method == "hold")
            {
                await hold.Task.WaitAsync(cancelled);
            }

            await response.WriteAsync(request.Body, cancelled);
        });
        var old = await gateway.NextSessionAsync();
        old.Request("r1", "kept", "hold");
        old.GoAway("draining");
        var fresh = await gateway.NextSessionAsync();
        Assert.False(old.Ended.Task.IsCompleted);
        Assert.NotEqual(old.Id, fresh.Id);

        // The old session still takes what was on its way, and both respond under their own session id.
        old.Request("r2", "late");
        Assert.Equal(("r2", $"{old.Id}"), await IdsAsync(gateway));
        fresh.Request("r3", "new");
        Assert.Equal(("r3", $"{fresh.Id}"), await IdsAsync(gateway));
        hold.SetResult();
        Assert.Equal(("r1", $"{old.Id}"), await IdsAsync(gateway));
        old.End();
        await old.Ended.Task.DefaultTimeout();
        fresh.Request("r4");
        Assert.Equal(("r4", $"{fresh.Id}"), await IdsAsync(gateway));
    }

    [Fact]
    public async Task Displaced_ends_the_agent_cancels_what_is_not_begun_and_finishes_what_is()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var agent = RunningAgent.Start(gateway, async (request, response, token) =>
        {
            if (request.Method == "begun")
            {
                await response.WriteAsync("a"u8.ToArray(), token);
                await hold.Task.WaitAsync(token);
                await response.WriteAsync("b"u8.ToArray(), token);
                return;
            }

            using (token.Register(() => cancelled.TrySetResult()))
            {
                waiting.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            }
        });
        var session = await gateway.NextSessionAsync();
        session.Request("r1", method: "begun");
        var begun = await gateway.NextResponseAsync();
        await begun.NextAsync();
        session.Request("r2", method: "unbegun");
        await waiting.Task.DefaultTimeout();

        session.GoAway("displaced");
        session.End();
        await cancelled.Task.DefaultTimeout();
        Assert.False(agent.Completion.IsCompleted);
        hold.SetResult();
        Assert.Equal("b", Assert.Single(await begun.AllAsync()).Body.ToStringUtf8());
        var error = await Assert.ThrowsAsync<SwitchboardDisplacedException>(() => agent.Completion.DefaultTimeout());
        Assert.Equal("agent-1", error.AgentId);
        Assert.False(gateway.Sessions.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Displaced_with_the_option_stays_away_for_a_minute()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await FakeGateway.StartAsync();
        await using var agent = RunningAgent.Start(
            gateway, RunningAgent.NoHandler, o => o with { TimeProvider = time, RejoinWhenDisplaced = true });
        var session = await gateway.NextSessionAsync();
        session.GoAway("displaced", TimeSpan.FromSeconds(1));
        session.End();
        var waiting = await agent.NextAsync(SwitchboardAgentState.Waiting);
        Assert.True(waiting.RetryAfter >= TimeSpan.FromSeconds(60));
        await time.WhenTimerIsSetAsync(TimeSpan.FromSeconds(60));
        time.Advance(TimeSpan.FromSeconds(59.9));
        Assert.False(gateway.Sessions.Reader.TryRead(out _));
        time.Advance(TimeSpan.FromSeconds(1));
        await gateway.NextSessionAsync();
    }

    [Theory]
    [InlineData("kicked")]
    [InlineData("revoked")]
    public async Task Sent_away_without_a_time_to_come_back_the_agent_ends_and_says_why(string reason)
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var agent = RunningAgent.Start(gateway, RunningAgent.NoHandler);
        var session = await gateway.NextSessionAsync();
        session.GoAway(reason);
        session.End();
        var error = await Assert.ThrowsAsync<SwitchboardException>(() => agent.Completion.DefaultTimeout());
        Assert.Equal(reason, error.Reason);
    }

    [Fact]
    public async Task Kicked_with_a_time_comes_back_after_it()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await FakeGateway.StartAsync();
        await using var agent = RunningAgent.Start(gateway, RunningAgent.NoHandler, o => o with { TimeProvider = time });
        var session = await gateway.NextSessionAsync();
        session.GoAway("kicked", TimeSpan.FromSeconds(7));
        session.End();
        Assert.InRange((await agent.NextAsync(SwitchboardAgentState.Waiting)).RetryAfter, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(8));
        await time.WhenTimerIsSetAsync(TimeSpan.FromSeconds(7));
        time.Advance(TimeSpan.FromSeconds(8));
        await gateway.NextSessionAsync();
    }

    [Fact]
    public async Task A_gateway_that_says_go_away_and_then_keeps_the_stream_open_is_left()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await FakeGateway.StartAsync();
        await using var agent = RunningAgent.Start(gateway, (_, _, _) => Task.CompletedTask, o => o with { TimeProvider = time });
        var session = await gateway.NextSessionAsync();
        session.GoAway("displaced");
        session.Request("r1");
        await gateway.NextResponseAsync();
        time.Advance(TimeSpan.FromSeconds(11));
        await session.Ended.Task.DefaultTimeout();
        await Assert.ThrowsAsync<SwitchboardDisplacedException>(() => agent.Completion.DefaultTimeout());
    }

    [Fact]
    public async Task Stopped_it_cancels_its_handlers_and_returns_only_when_the_last_has_ended()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var agent = RunningAgent.Start(gateway, async (_, _, token) =>
        {
            using (token.Register(() => cancelled.TrySetResult()))
            {
                running.TrySetResult();
                await hold.Task;
            }
        });
        var session = await gateway.NextSessionAsync();
        session.Request("r1");
        await running.Task.DefaultTimeout();
        agent.Stop();
        await cancelled.Task.DefaultTimeout();
        await session.Ended.Task.DefaultTimeout();
        // A wait that must run out: it cannot fail by chance, and only an agent that does not wait for its handler ends within it.
        var soon = TimeSpan.FromMilliseconds(300);
        await Assert.ThrowsAsync<TimeoutException>(() => agent.Completion.WaitAsync(soon, TimeProvider.System));
        hold.SetResult();
        await agent.Completion.DefaultTimeout();
        await agent.NextAsync(SwitchboardAgentState.Stopped);
    }

    [Fact]
    public async Task Without_a_gateway_it_keeps_trying_and_a_stop_ends_it()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var address = gateway.Address;
        await gateway.DisposeAsync();
        await using var agent = RunningAgent.Start(gateway, RunningAgent.NoHandler, o => o with { Address = address });
        for (var i = 0; i < 3; i++)
        {
            var status = await agent.NextAsync(SwitchboardAgentState.Waiting);
            Assert.Equal(SwitchboardException.GatewayUnreachable, Assert.IsType<SwitchboardException>(status.Error).Reason);
        }

        agent.Stop();
        await agent.Completion.DefaultTimeout();
    }

    [Fact]
    public async Task An_agent_runs_once()
    {
        var options = new SwitchboardAgentOptions { Address = new("http://127.0.0.1:1"), AgentId = "a" };
        var agent = new SwitchboardAgent(options, RunningAgent.NoHandler);
        await agent.RunAsync(new CancellationToken(canceled: true)).DefaultTimeout();
        await Assert.ThrowsAsync<InvalidOperationException>(() => agent.RunAsync(CancellationToken.None));
    }

    [Fact]
    public void Options_that_are_wrong_are_named_all_at_once()
    {
        var error = Assert.Throws<ArgumentException>(() => new SwitchboardAgent(
            new SwitchboardAgentOptions
            {
                Address = new("ftp://x"),
                AgentId = "-a",
                MaxInFlight = -1,
                MinReconnectDelay = TimeSpan.Zero,
                RejoinDelay = TimeSpan.FromSeconds(59),
            },
            RunningAgent.NoHandler));
        Assert.All(
            ["Address", "AgentId", "MaxInFlight", "MinReconnectDelay", "RejoinDelay"],
            name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }

    private static async Task<(string?, string?)> IdsAsync(FakeGateway gateway)
    {
        var response = await gateway.NextResponseAsync();
        await response.AllAsync();
        return (response.RequestId, response.SessionId);
    }
}

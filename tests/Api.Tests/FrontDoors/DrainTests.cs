using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Listening;
using Switchboard.Api.Sessions;
using Switchboard.Api.Tests.Harness;
using Switchboard.Api.Tests.Tasks;
using Switchboard.Client;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.FrontDoors;

/// <summary>T5: what a stop means to agents and callers.</summary>
public sealed class DrainTests
{
    /// <summary>What is under way when the stop begins is finished; what comes after it is refused; agents are asked to go elsewhere.</summary>
    [Fact]
    public async Task What_is_under_way_is_finished()
    {
        await using var host = await GatewayHost.StartAsync(settings: ("Switchboard:Shutdown:DrainTime", "30s"));
        await using var agent = await TestAgent.ConnectAsync(host, "drained");
        using var call = TestCall.Start(host, "drained");
        var request = await agent.NextRequestAsync();
        var stopping = host.StopAsync();
        var goAway = (await agent.NextControlAsync()).GoAway;
        Assert.Equal("draining", goAway.Reason);
        Assert.InRange(goAway.ReconnectAfter.ToTimeSpan(), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(5));

        var late = await TestCall.RunAsync(host, "drained");
        Assert.Equal((StatusCode.Unavailable, "draining", "no"), (late.Status, late.Reason, late.Sent));
        var another = await Assert.ThrowsAsync<RpcException>(() => TestAgent.ConnectAsync(host, "drained"));
        Assert.Equal(StatusCode.Unavailable, another.StatusCode);

        Assert.Equal(StatusCode.OK, await agent.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("done") }));
        Assert.Equal("done", (await call.EndAsync()).Text);
        Assert.Equal(StatusCode.OK, (await agent.Ended.DefaultTimeout()).StatusCode);
        await stopping.DefaultTimeout();
    }

    /// <summary>When the drain time is over, what is open ends with the truth about whether it was sent.</summary>
    [Fact]
    public async Task What_is_not_finished_in_time_gets_a_response()
    {
        await using var host = await GatewayHost.StartAsync(settings: ("Switchboard:Shutdown:DrainTime", "100ms"));
        await using var agent = await TestAgent.ConnectAsync(host, "cut");
        var sent = TestCall.Start(host, "cut");
        await agent.NextRequestAsync();
        var ending = sent.EndAsync();
        await host.StopAsync().DefaultTimeout();
        var end = await ending;
        Assert.Equal(("agent-disconnected", "yes"), (end.Reason, end.Sent));
        await agent.Ended.DefaultTimeout();
    }

    /// <summary>
    /// T5: under steady load the stop begins, and no request fails but with <c>draining</c>, unsent: what was taken is
    /// served. The agent is the SDK's, which hears that it should go, is refused elsewhere (there is no elsewhere) and serves on.
    /// </summary>
    [Fact]
    public async Task Under_steady_load_nothing_fails_but_what_was_not_taken()
    {
        await using var host = await GatewayHost.StartAsync(settings: ("Switchboard:Shutdown:DrainTime", "60s"));
        using var stop = new CancellationTokenSource();
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var agent = new SwitchboardAgent(
            new SwitchboardAgentOptions
            {
                Address = host.Service<ListenAddresses>().Grpc,
                AgentId = "steady",
                StatusChanged = status => (status.State switch
                {
                    SwitchboardAgentState.Connected => connected,
                    SwitchboardAgentState.Draining => heard,
                    _ => null,
                })?.TrySetResult(),
            },
            async (request, response, cancelled) =>
            {
                if (request.Body.Length == 0)
                {
                    await hold.Task;
                }

                await response.WriteAsync(request.Body, cancelled);
            });
        var serving = agent.RunAsync(stop.Token);
        await connected.Task.DefaultTimeout();
        // Longer than all others, so that the drain goes on until every caller has been refused.
        var longest = TestCall.RunAsync(host, "steady");
        var responded = 0;
        var callers = Enumerable.Range(0, 20).Select(_ => Task.Run(CallUntilRefusedAsync)).ToList();
        await Eventually.IsTrueAsync(() => Volatile.Read(ref responded) > 200, () => "no load");

        var stopping = host.StopAsync();
        Assert.All(await Task.WhenAll(callers).DefaultTimeout(), end => Assert.Equal(("draining", "no"), (end.Reason, end.Sent)));
        await heard.Task.DefaultTimeout();
        Assert.False(stopping.IsCompleted);
        hold.SetResult();
        Assert.Equal(StatusCode.OK, (await longest).Status);
        await stopping.DefaultTimeout();
        await stop.CancelAsync();
        await serving.DefaultTimeout();

        async Task<CallEnd> CallUntilRefusedAsync()
        {
            while (true)
            {
                var end = await TestCall.RunAsync(host, "steady", "hello");
                if (end.Status != StatusCode.OK)
                {
                    return end;
                }

                Assert.Equal("hello", end.Text);
                Interlocked.Increment(ref responded);
            }
        }
    }

    /// <summary>T5: what the agent had not been sent when the drain time is over ends with <c>draining</c>, and trying again is safe.</summary>
    [Fact]
    public async Task What_was_not_sent_in_time_is_draining()
    {
        await using var host = await GatewayHost.StartAsync(settings: ("Switchboard:Shutdown:DrainTime", "100ms"));
        using var stream = new StuckStream();
        var running = host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("stuck"), stream, stream.Gone);
        await stream.Stuck.DefaultTimeout();
        var call = TestCall.Start(host, "stuck");
        await call.IdAsync();
        var ending = call.EndAsync();
        var stopping = host.StopAsync();
        var end = await ending;
        Assert.Equal((StatusCode.Unavailable, "draining", "no"), (end.Status, end.Reason, end.Sent));
        stream.Release();
        await running.DefaultTimeout();
        await stopping.DefaultTimeout();
        Assert.DoesNotContain(stream.Written, m => m.Control is null);
    }

    /// <summary>T5: agents are told moments that are spread over the option, so that they don't come in one crowd.</summary>
    [Fact]
    public async Task Agents_come_back_one_after_another()
    {
        await using var host = await GatewayHost.StartAsync(settings: ("Switchboard:Shutdown:ReconnectSpread", "20s"));
        var channel = host.NewChannel();
        var agents = new List<TestAgent>();
        for (var i = 0; i < 30; i++)
        {
            agents.Add(await TestAgent.ConnectAsync(channel, $"spread-{i}"));
        }

        var stopping = host.StopAsync();
        var moments = new HashSet<TimeSpan>();
        foreach (var agent in agents)
        {
            var goAway = (await agent.NextControlAsync()).GoAway;
            Assert.Equal("draining", goAway.Reason);
            Assert.InRange(goAway.ReconnectAfter.ToTimeSpan(), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20));
            moments.Add(goAway.ReconnectAfter.ToTimeSpan());
        }

        // Of 18,001 moments; that thirty fall on fewer than twenty-five is out of the question.
        Assert.True(moments.Count > 25);
        await stopping.DefaultTimeout();
        foreach (var agent in agents)
        {
            Assert.Equal(StatusCode.OK, (await agent.Ended.DefaultTimeout()).StatusCode);
        }
    }

    /// <summary>
    /// T5: where there is another front door, the order is: tell the agents, serve on, wait until they are there, and only then
    /// refuse. What they still respond to here is waited for.
    /// </summary>
    [Fact]
    public async Task With_another_front_door_it_serves_until_the_agents_are_there()
    {
        var time = new ManualTimeProvider();
        await using var host = await GatewayHost.StartAsync(time, settings: ("Switchboard:Shutdown:DrainTime", "60s"));
        var grains = host.Service<IGrainFactory>();
        var observer = host.Service<IFrontDoor>().Observer(0);
        var other = await grains.GetGrain<IFrontDoorRegistryGrain>(IFrontDoorRegistryGrain.Key)
            .Lease(new FrontDoorLease { Number = 60_000, Holder = Guid.NewGuid(), Observers = [observer], Name = "other" });
        await host.AdvanceAsync(time, TimeSpan.FromSeconds(5));
        await Eventually.IsTrueAsync(() => host.Service<FrontDoor>().HasOthers, () => "the other front door is not known");
        await using var agent = await TestAgent.ConnectAsync(host, "moves");
        var held = TestCall.Start(host, "moves");
        var request = await agent.NextRequestAsync();

        var stopping = host.StopAsync();
        Assert.Equal("draining", (await agent.NextControlAsync()).GoAway.Reason);
        using var http = new HttpClient();
        using var ready = await http.GetAsync(new Uri(host.Rest, "/health/ready"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        var another = await Assert.ThrowsAsync<RpcException>(() => TestAgent.ConnectAsync(host, "moves"));
        Assert.Equal(StatusCode.Unavailable, another.StatusCode);
        var meanwhile = TestCall.Start(host, "moves");
        await agent.RespondAsync((await agent.NextRequestAsync()).Id, new AgentResponse { Body = ByteString.CopyFromUtf8("still here") });
        Assert.Equal("still here", (await meanwhile.EndAsync()).Text);
        Assert.True(ready.Headers.ConnectionClose);

        var grain = grains.GetGrain<IAgentGrain>("default/moves");
        await grain.Connect(new SessionConnect { Session = 99, FrontDoor = other.Number, Observer = observer });
        await Eventually.IsTrueAsync(() => host.Sessions.Find(agent.SessionId)!.HasSuccessor, () => "the session was not told");
        // It would be handed to the other front door, if that one had a port for it.
        var elsewhere = await TestCall.RunAsync(host, "moves");
        Assert.Equal(("unavailable", "no"), (elsewhere.Reason, elsewhere.Sent));
        await Eventually.IsTrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                return host.Service<Drain>().Closed;
            },
            () => "the door is still open");
        Assert.Equal("draining", (await TestCall.RunAsync(host, "moves")).Reason);
        Assert.False(stopping.IsCompleted);
        Assert.Equal(StatusCode.OK, await agent.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("done") }));
        Assert.Equal("done", (await held.EndAsync()).Text);
        await stopping.DefaultTimeout();
        Assert.Equal(StatusCode.OK, (await agent.Ended.DefaultTimeout()).StatusCode);
    }

    /// <summary>R4: agents that do not go are waited for no longer than the drain time.</summary>
    [Fact]
    public async Task An_agent_that_stays_does_not_hold_up_the_stop()
    {
        var time = new ManualTimeProvider();
        await using var host = await GatewayHost.StartAsync(time, settings: ("Switchboard:Shutdown:DrainTime", "200ms"));
        host.Service<FrontDoor>().HasOthers = true;
        await using var agent = await TestAgent.ConnectAsync(host, "stays");
        await host.StopAsync().DefaultTimeout();
        Assert.Equal(StatusCode.OK, (await agent.Ended.DefaultTimeout()).StatusCode);
    }

    /// <summary>With its agents handed over it has nothing to do, and still tells callers to call elsewhere before it stops listening.</summary>
    [Fact]
    public async Task Callers_hear_of_the_stop_before_it_stops_listening()
    {
        var time = new ManualTimeProvider();
        using var lifetime = new Lifetime();
        using var drain = new Drain(lifetime, Options.Create(new ShutdownOptions()), time) { HandOver = static () => Task.CompletedTask };
        var stopping = drain.StoppingAsync(CancellationToken.None);
        await time.WhenTimerIsSetAsync(ShutdownOptions.Refusals);
        Assert.False(drain.TryEnter());
        time.Advance(ShutdownOptions.Refusals - TimeSpan.FromMilliseconds(1));
        Assert.False(drain.Ended.IsCancellationRequested || stopping.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await stopping.DefaultTimeout();
        Assert.True(drain.Ended.IsCancellationRequested);
    }
}

using Google.Protobuf;
using Grpc.Core;
using Orleans.Core.Internal;
using Switchboard.Abstractions.Agents;
using Switchboard.Api.Sessions;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Sessions;

/// <summary>S1 and S2 over real connections: which session a request reaches, and what becomes of the older one.</summary>
public sealed class ReconnectTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private GatewayHost Host => fixture.Host;

    /// <summary>
    /// W1, issue 1 of the story: session A is up, session B comes for the same agent, A's end is noticed late and its hook removes
    /// B's registration. Here A's farewell reaches the grain after B's connect in every round, and a request still reaches B.
    /// </summary>
    [Fact]
    public async Task A_thousand_reconnects_whose_disconnects_come_late()
    {
        var channels = new[] { Host.NewChannel(), Host.NewChannel() };
        var current = await TestAgent.ConnectAsync(Host, "reconnect", channel: channels[0]);
        for (var round = 1; round <= 1000; round++)
        {
            var next = await TestAgent.ConnectAsync(Host, "reconnect", channel: channels[round % 2]);
            await current.DisposeAsync();
            var call = TestCall.Start(Host, "reconnect");
            var request = await next.NextRequestAsync();
            Assert.Equal(StatusCode.OK, await next.RespondAsync(request.Id, new AgentResponse { Body = request.Body }));
            Assert.Equal(StatusCode.OK, (await call.EndAsync()).Status);
            current = next;
        }

        await current.DisposeAsync();
        await Host.AssertQuietAsync();
    }

    /// <summary>W10: a replaced agent's stream was never closed, and what waited in its channel was lost.</summary>
    [Fact]
    public async Task The_displaced_session_is_told_and_its_stream_ends_well()
    {
        await using var older = await TestAgent.ConnectAsync(Host, "displaced");
        await using var newer = await TestAgent.ConnectAsync(Host, "displaced");
        var goAway = await older.NextControlAsync();
        Assert.Equal("displaced", goAway.GoAway.Reason);
        Assert.Equal(TimeSpan.FromSeconds(60), goAway.GoAway.ReconnectAfter.ToTimeSpan());
        Assert.Equal(StatusCode.OK, (await older.Ended.WaitAsync(TimeSpan.FromSeconds(5))).StatusCode);
        Assert.False(newer.Ended.IsCompleted);
        await Host.AssertQuietAsync();
    }

    /// <summary>W9, W10: what the older session had been sent and without a response ends at once, with the truth about it.</summary>
    [Fact]
    public async Task Requests_of_the_displaced_session_without_a_response_end()
    {
        await using var older = await TestAgent.ConnectAsync(Host, "displaced-sent");
        var call = TestCall.Start(Host, "displaced-sent");
        var request = await older.NextRequestAsync();
        await using var newer = await TestAgent.ConnectAsync(Host, "displaced-sent");
        var end = await call.EndAsync();
        Assert.Equal((StatusCode.Cancelled, "agent disconnected"), (end.Status, end.Detail));
        Assert.Equal(("agent-disconnected", "yes"), (end.Reason, end.Sent));
        Assert.Equal(StatusCode.NotFound, await older.RespondAsync(request.Id, new AgentResponse()));
        Assert.False(newer.TryNextRequest(out _));
        await Host.AssertQuietAsync();
    }

    [Fact]
    public async Task A_response_under_way_goes_on_after_the_displacement()
    {
        await using var older = await TestAgent.ConnectAsync(Host, "displaced-responding");
        using var call = TestCall.Start(Host, "displaced-responding");
        var request = await older.NextRequestAsync();
        using var response = older.OpenResponse(request.Id);
        await response.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("one ") });
        await call.NextAsync();

        await using var newer = await TestAgent.ConnectAsync(Host, "displaced-responding");
        await older.Ended.DefaultTimeout();
        await response.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("two") });
        await response.RequestStream.CompleteAsync();
        await response.ResponseAsync.DefaultTimeout();
        var end = await call.EndAsync();
        Assert.Equal((StatusCode.OK, "one two"), (end.Status, end.Text));
        await Host.AssertQuietAsync();
    }

    /// <summary>
    /// W2, W3, issue 2 of the story: callers who wait for a first message, and one in the middle of a response, held a lock that a
    /// reconnect needed, and the process stood still.
    /// </summary>
    [Fact]
    public async Task Waiting_callers_do_not_hold_up_a_reconnect()
    {
        await using var first = await TestAgent.ConnectAsync(Host, "lock");
        var callers = Enumerable.Range(0, 4).Select(_ => TestCall.Start(Host, "lock")).ToList();
        var requests = new List<AgentRequest>();
        foreach (var _ in callers)
        {
            requests.Add(await first.NextRequestAsync());
        }

        using var response = first.OpenResponse(requests[0].Id);
        await response.RequestStream.WriteAsync(new AgentResponse());
        await using var second = await TestAgent.ConnectAsync(Host, "lock");
        await using var third = await TestAgent.ConnectAsync(Host, "lock");
        var call = TestCall.Start(Host, "lock");
        var request = await third.NextRequestAsync();
        await third.RespondAsync(request.Id, new AgentResponse());
        Assert.Equal(StatusCode.OK, (await call.EndAsync()).Status);
        await response.RequestStream.CompleteAsync();
        await Task.WhenAll(callers.Select(c => c.EndAsync()));
        await Host.AssertQuietAsync();
    }

    /// <summary>The grain's activation is lost between connect and call: it asks the front door what it holds.</summary>
    [Fact]
    public async Task A_lost_activation_changes_nothing()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "lost");
        _ = agent.EchoAsync();
        var key = Host.Sessions.Find(agent.SessionId)!.Agent;
        var grain = Host.Service<IGrainFactory>().GetGrain<IAgentGrain>(key.ToString());
        await grain.AsReference<IGrainManagementExtension>().DeactivateOnIdle().DefaultTimeout();
        Host.Service<Core.Requests.RouteCache<AgentSession>>().Forget(key, agent.SessionId);
        var ends = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => TestCall.RunAsync(Host, "lost", $"{i}")));
        Assert.All(ends, (end, i) => Assert.Equal($"{i}", end.Text));
        await Host.AssertQuietAsync();
    }
}

using Google.Protobuf;
using Switchboard.Abstractions.Agents;
using Switchboard.Api.Sessions;
using Switchboard.Api.Tests.Harness;
using Switchboard.Core.Agents;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Sessions;

/// <summary>A session whose agent stops reading: what waits in its queue, and what becomes of it.</summary>
public sealed class SessionTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private GatewayHost Host => fixture.Host;

    /// <summary>W10: what the older session had not been sent is routed to the newer one, and nobody is told of it.</summary>
    [Fact]
    public async Task What_was_not_sent_goes_to_the_next_session()
    {
        using var stream = new StuckStream();
        var running = Host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("unsent"), stream, stream.Gone);
        await stream.Stuck.DefaultTimeout();
        var calls = Enumerable.Range(0, 10).Select(i => TestCall.Start(Host, "unsent", $"{i}")).ToList();
        await Task.WhenAll(calls.Select(c => c.IdAsync()));

        await using var next = await TestAgent.ConnectAsync(Host, "unsent");
        _ = next.EchoAsync();
        var ends = await Task.WhenAll(calls.Select(c => c.EndAsync()));
        Assert.All(ends, (end, i) => Assert.Equal($"{i}", end.Text));
        stream.Release();
        await running.DefaultTimeout();
        Assert.Equal("displaced", stream.Written.Last().Control.GoAway.Reason);
        Assert.DoesNotContain(stream.Written, m => m.Control is null);
        await Host.AssertQuietAsync();
    }

    /// <summary>W13, R5: callers that come and go fill the queue of an agent that does not read, and no further than it takes in flight.</summary>
    [Fact]
    public async Task The_queue_of_an_agent_that_does_not_read_is_bounded()
    {
        using var stream = new StuckStream();
        var running = Host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("unread", maxInFlight: 5), stream, stream.Gone);
        await stream.Stuck.DefaultTimeout();
        for (var i = 0; i < 5; i++)
        {
            var call = TestCall.Start(Host, "unread");
            await call.IdAsync();
            call.Dispose();
            await Eventually.IsTrueAsync(() => Host.Requests.Count == 0, () => "the request is still there");
        }

        Assert.Equal("overloaded", (await TestCall.RunAsync(Host, "unread")).Reason);
        await stream.LeaveAsync(running);
        Assert.DoesNotContain(stream.Written, m => m.Control is null);
        await Host.AssertQuietAsync();
    }

    /// <summary>W1: announcing never displaces; a session that is refused is over.</summary>
    [Fact]
    public async Task A_session_whose_announcement_is_refused_ends()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "refused");
        var session = Host.Sessions.Find(agent.SessionId)!;
        session.ConnectNumber--;
        await Host.Service<IGrainFactory>().GetGrain<IAgentGrain>(session.Agent.ToString()).Disconnect(agent.SessionId);
        using var newer = new StuckStream { StuckAfter = int.MaxValue };
        var running = Host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("refused"), newer, newer.Gone);
        await newer.CountAsync(1);
        await Host.Service<SessionAnnouncer>().AnnounceAsync(session);
        Assert.Equal("displaced", (await agent.NextControlAsync()).GoAway.Reason);
        Assert.Equal(SessionEndCause.Displaced, session.Ended);
        await newer.LeaveAsync(running);
    }

    /// <summary>
    /// S2: a session that was told to go away for a drain goes on until its agent has another; from then on it gets nothing
    /// new and keeps what it has.
    /// </summary>
    [Fact]
    public async Task A_retiring_session_keeps_what_it_has()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "retiring");
        using var call = TestCall.Start(Host, "retiring");
        var request = await agent.NextRequestAsync();
        var session = Host.Sessions.Find(agent.SessionId)!;
        Assert.True(session.Retire(TimeSpan.FromSeconds(1)));
        await Host.Service<SessionAnnouncer>().RetireAsync(session);
        using var meanwhile = TestCall.Start(Host, "retiring");
        var another = await agent.NextRequestAsync();
        await agent.RespondAsync(another.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("still here") });
        Assert.Equal("still here", (await meanwhile.EndAsync()).Text);

        await using var next = await TestAgent.ConnectAsync(Host, "retiring");
        _ = next.EchoAsync();
        await Eventually.IsTrueAsync(() => session.HasSuccessor, () => "the old session was not told of the new one");
        Assert.Equal("new", (await TestCall.RunAsync(Host, "retiring", "new")).Text);
        Assert.Equal(TakeOutcome.NotThere, session.Take(null!).Outcome);
        Assert.False(agent.Ended.IsCompleted);
        await agent.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("old") });
        Assert.Equal("old", (await call.EndAsync()).Text);
        await Host.AssertQuietAsync();
    }
}

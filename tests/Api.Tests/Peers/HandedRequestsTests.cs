using Switchboard.Api.FrontDoors;
using Switchboard.Api.Peers;
using Switchboard.Api.Requests;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Peers;

/// <summary>What the front door that holds a session says of a request that another one hands to it.</summary>
public sealed class HandedRequestsTests
{
    /// <summary>
    /// A session whose agent has another one goes on with what it has. "No such session" the other front door would pass on to the agent's
    /// grain, which would forget a session that lives.
    /// </summary>
    [Fact]
    public async Task A_session_that_takes_nothing_new_is_not_called_gone()
    {
        await using var host = await GatewayHost.StartAsync();
        await using var agent = await TestAgent.ConnectAsync(host, "moved");
        var session = host.Sessions.Find(agent.SessionId)!;
        Assert.True(session.Retire(TimeSpan.Zero));
        session.Succeeded();
        var result = await HandAsync(host, "moved", agent.SessionId);
        Assert.Equal((Verdict.Overloaded, false), (result!.Verdict, result.Sent));
        Assert.False(agent.TryNextRequest(out _));
        await host.AssertQuietAsync();
    }

    [Fact]
    public async Task A_session_that_is_not_here_is_called_gone()
    {
        await using var host = await GatewayHost.StartAsync();
        await using var agent = await TestAgent.ConnectAsync(host, "here");
        Assert.Null(await HandAsync(host, "here", agent.SessionId + 1));
        Assert.Null(await HandAsync(host, "another", agent.SessionId));
        await host.AssertQuietAsync();
    }

    private static Task<RequestResult?> HandAsync(GatewayHost host, string agent, ulong session)
    {
        Assert.True(AgentKey.TryCreate(AgentKey.DefaultTenant, agent, out var key, out _));
        var id = host.Service<IFrontDoor>().Ids.Next();
        var call = new PeerCall(id, key, new SessionId(session), TimeSpan.FromSeconds(30));
        var message = new AgentRequest { Id = id.ToString(), AgentId = agent, Method = "test" };
        return host.Service<HandedRequests>()
            .SendAsync(message, call, host.Clock.Time.GetTimestamp(), new NoSink(), CancellationToken.None)
            .DefaultTimeout();
    }

    private sealed class NoSink : IResponseSink
    {
        public ValueTask AcceptedAsync(RequestId id, CancellationToken cancellationToken) => default;

        public ValueTask FirstAsync(int status, AgentResponse first, CancellationToken cancellationToken) => default;

        public ValueTask NextAsync(AgentResponse message, CancellationToken cancellationToken) => default;

        public void Abort()
        {
        }
    }
}

using Google.Protobuf;
using Grpc.Core;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Requests;

/// <summary>W9: an agent that drops its connection left its callers to wait out their time.</summary>
public sealed class AgentGoneTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private GatewayHost Host => fixture.Host;

    /// <summary>W9, W11: killed while it thinks: the caller is told at once, and that is no timeout.</summary>
    [Fact]
    public async Task Killed_while_it_thinks()
    {
        var agent = await TestAgent.ConnectAsync(Host, "killed-sent");
        var call = TestCall.Start(Host, "killed-sent");
        await agent.NextRequestAsync();
        agent.Kill();
        var end = await call.EndAsync();
        Assert.Equal((StatusCode.Cancelled, "agent disconnected"), (end.Status, end.Detail));
        Assert.Equal(("agent-disconnected", "yes"), (end.Reason, end.Sent));
        await Host.AssertQuietAsync();
    }

    /// <summary>W9: killed in the middle of a response: never a silently short response.</summary>
    [Fact]
    public async Task Killed_in_the_middle_of_a_response()
    {
        var agent = await TestAgent.ConnectAsync(Host, "killed-responding");
        var call = TestCall.Start(Host, "killed-responding");
        var request = await agent.NextRequestAsync();
        using var response = agent.OpenResponse(request.Id);
        await response.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("one") });
        await call.NextAsync();
        agent.Kill();
        var end = await call.EndAsync();
        Assert.Equal((StatusCode.Aborted, "agent-failed", "yes"), (end.Status, end.Reason, end.Sent));
        await Host.AssertQuietAsync();
    }

    [Fact]
    public async Task It_unsubscribes_in_the_middle_of_a_response_which_goes_on()
    {
        var agent = await TestAgent.ConnectAsync(Host, "unsubscribed");
        using var call = TestCall.Start(Host, "unsubscribed");
        var request = await agent.NextRequestAsync();
        using var response = agent.OpenResponse(request.Id);
        await response.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("one ") });
        await call.NextAsync();
        agent.Unsubscribe();
        await Eventually.IsTrueAsync(() => Host.Sessions.Find(agent.SessionId) is null, () => "the session is still there");
        await response.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("two") });
        await response.RequestStream.CompleteAsync();
        Assert.Equal("one two", (await call.EndAsync()).Text);
        await Host.AssertQuietAsync();
    }

    /// <summary>An agent that is gone is offline at once, and its reconnect works at once.</summary>
    [Fact]
    public async Task Gone_is_offline_and_back_is_online()
    {
        var agent = await TestAgent.ConnectAsync(Host, "gone-and-back");
        agent.Kill();
        await Eventually.IsTrueAsync(() => Host.Sessions.Find(agent.SessionId) is null, () => "the session is still there");
        Assert.Equal("agent-offline", (await TestCall.RunAsync(Host, "gone-and-back")).Reason);
        await using var back = await TestAgent.ConnectAsync(Host, "gone-and-back");
        _ = back.EchoAsync();
        Assert.Equal("hello", (await TestCall.RunAsync(Host, "gone-and-back", "hello")).Text);
        await Host.AssertQuietAsync();
    }
}

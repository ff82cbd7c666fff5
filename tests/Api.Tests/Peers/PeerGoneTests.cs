using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Peers;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Peers;

/// <summary>
/// The registry names a front door as gone: what is open to it and from it ends by that word. The connections are well in these tests, so
/// that nothing but the word can end a call.
/// </summary>
public sealed class PeerGoneTests : IAsyncLifetime
{
    private readonly GatewayPair _pair = new();

    public Task InitializeAsync() => _pair.InitializeAsync();

    public Task DisposeAsync() => _pair.DisposeAsync();

    [Fact]
    public async Task What_was_sent_there_is_agent_disconnected()
    {
        await using var agent = await _pair.ConnectAgentAsync("thinks");
        using var call = TestCall.Start(_pair.First, "thinks");
        var request = await agent.NextRequestAsync();
        NameGone(_pair.First, _pair.Holder);
        var end = await call.EndAsync();
        Assert.Equal(("agent-disconnected", "yes"), (end.Reason, end.Sent));
        Assert.Equal(request.Id, (await agent.NextControlAsync()).Cancel.RequestId);
        Assert.False(agent.TryNextRequest(out _));
        await _pair.AssertQuietAsync();
    }

    [Fact]
    public async Task A_response_under_way_from_there_breaks_off()
    {
        await using var agent = await _pair.ConnectAgentAsync("speaks");
        using var call = TestCall.Start(_pair.First, "speaks");
        var request = await agent.NextRequestAsync();
        using var response = agent.OpenResponse(request.Id);
        await response.RequestStream.WriteAsync(Message("a"));
        await call.NextAsync();
        NameGone(_pair.First, _pair.Holder);
        var end = await call.EndAsync();
        Assert.Equal(("agent-failed", "yes", "a"), (end.Reason, end.Sent, end.Text));
        await _pair.AssertQuietAsync();
    }

    /// <summary>S2: the agent's response call came to the caller's front door, so that nothing of it depends on the one that is gone.</summary>
    [Fact]
    public async Task A_response_under_way_that_came_here_goes_on()
    {
        await using var agent = await _pair.ConnectAgentAsync("here");
        using var call = TestCall.Start(_pair.First, "here");
        var request = await agent.NextRequestAsync();
        using var response = _pair.First.Client.AgentResponsePublish(Metadata(request.Id, agent.SessionId));
        await response.RequestStream.WriteAsync(Message("a"));
        await call.NextAsync();
        NameGone(_pair.First, _pair.Holder);
        // The hop has ended: the other front door has told the agent, which responds on.
        Assert.Equal(request.Id, (await agent.NextControlAsync()).Cancel.RequestId);
        await response.RequestStream.WriteAsync(Message("b"));
        await response.RequestStream.CompleteAsync();
        await response.ResponseAsync.DefaultTimeout();
        var end = await call.EndAsync();
        Assert.Equal((StatusCode.OK, "ab"), (end.Status, end.Text));
        await _pair.AssertQuietAsync();
    }

    /// <summary>
    /// No connection to it was made yet. Its agent's grain hears that the session is gone, and the caller waits for the agent as for any that
    /// is away; without the word it would be told that the front door cannot be reached.
    /// </summary>
    [Fact]
    public async Task What_waits_for_a_connection_is_routed_again()
    {
        await using var before = await _pair.ConnectAgentAsync("moves");
        _pair.Between.HoldConnects();
        using var call = new TestCall(_pair.First.Client, TestCall.Request("moves", "hello"), metadata: new Metadata { { "connect-wait", "30" } });
        await Eventually.IsTrueAsync(() => _pair.Between.Accepted > 0, () => "nobody connects");
        NameGone(_pair.First, _pair.Holder);
        await Eventually.IsTrueAsync(() => _pair.First.Service<Switchboard.Api.Requests.ConnectWaiters>().Count == 1, () => "it does not wait for its agent");
        await using var after = await TestAgent.ConnectAsync(_pair.First, "moves");
        var request = await after.NextRequestAsync();
        Assert.Equal(1u, request.Attempt);
        await after.RespondAsync(request.Id, new AgentResponse { Body = request.Body });
        Assert.Equal("hello", (await call.EndAsync()).Text);
        Assert.False(before.TryNextRequest(out _));
        await _pair.First.AssertQuietAsync();
    }

    /// <summary>The other way round: the front door of the caller is gone, so nobody waits for the response any more.</summary>
    [Fact]
    public async Task What_came_from_there_is_cancelled_at_its_agent()
    {
        await using var agent = await _pair.ConnectAgentAsync("orphan");
        using var call = TestCall.Start(_pair.First, "orphan");
        var request = await agent.NextRequestAsync();
        using var response = agent.OpenResponse(request.Id);
        await response.RequestStream.WriteAsync(Message("a"));
        await call.NextAsync();
        NameGone(_pair.Holder, _pair.First);
        Assert.Equal(request.Id, (await agent.NextControlAsync()).Cancel.RequestId);
        var error = await Assert.ThrowsAsync<RpcException>(() => response.ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        await _pair.Holder.AssertQuietAsync();

        // It lives, and hears of it as of a connection that was lost.
        var end = await call.EndAsync();
        Assert.Equal(("agent-failed", "yes"), (end.Reason, end.Sent));
        await _pair.AssertQuietAsync();
    }

    [Fact]
    public async Task A_response_call_that_is_passed_on_there_ends()
    {
        await using var agent = await _pair.ConnectAgentAsync("parted");
        using var call = TestCall.Start(_pair.Holder, "parted");
        var request = await agent.NextRequestAsync();
        using var response = _pair.First.Client.AgentResponsePublish(Metadata(request.Id, agent.SessionId));
        await response.RequestStream.WriteAsync(Message("a"));
        await call.NextAsync();
        NameGone(_pair.First, _pair.Holder);
        var error = await Assert.ThrowsAsync<RpcException>(() => response.ResponseAsync.DefaultTimeout());
        Assert.Equal((StatusCode.Cancelled, "The request's front door is gone"), (error.StatusCode, error.Status.Detail));
        await call.EndAsync();
        await _pair.AssertQuietAsync();
    }

    /// <summary>Numbers tell front doors apart: one that was started again at the same address has another.</summary>
    [Fact]
    public async Task Another_number_concerns_nobody_else()
    {
        await using var agent = await _pair.ConnectAgentAsync("well");
        using var call = TestCall.Start(_pair.First, "well");
        var request = await agent.NextRequestAsync();
        ushort[] others = [.. Enumerable.Range(1, 100).Select(static i => (ushort)i).Where(i => i != _pair.Holder.FrontDoorNumber && i != _pair.First.FrontDoorNumber)];
        _pair.First.Service<PeerDirectory>().OnOthersGone(others);
        _pair.Holder.Service<PeerDirectory>().OnOthersGone(others);
        await agent.RespondAsync(request.Id, Message("a"));
        Assert.Equal("a", (await call.EndAsync()).Text);
        await _pair.AssertQuietAsync();
    }

    /// <summary>From the registry to the caller: a number that was given back is named with the next renewal.</summary>
    [Fact]
    public async Task The_registrys_word_gets_here()
    {
        await using var agent = await _pair.ConnectAgentAsync("told");
        using var call = TestCall.Start(_pair.First, "told");
        await agent.NextRequestAsync();
        var holder = _pair.Holder.Service<IFrontDoor>();
        var registry = _pair.First.Service<IGrainFactory>().GetGrain<IFrontDoorRegistryGrain>(IFrontDoorRegistryGrain.Key);
        await registry.Release(holder.Number, holder.Holder).DefaultTimeout();
        var end = await call.EndAsync();
        Assert.Equal(("agent-disconnected", "yes"), (end.Reason, end.Sent));
    }

    private static void NameGone(GatewayHost at, GatewayHost gone) => at.Service<PeerDirectory>().OnOthersGone([(ushort)gone.FrontDoorNumber]);

    private static AgentResponse Message(string text) => new() { Body = ByteString.CopyFromUtf8(text) };

    private static Metadata Metadata(string requestId, ulong session) => new()
    {
        { "request-id", requestId },
        { "session-id", session.ToString(CultureInfo.InvariantCulture) },
    };
}

using Google.Protobuf;
using Grpc.Core;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Peers;

/// <summary>
/// What a caller is told where the way between two front doors breaks, at each of its stages. The agent knows what it got: what it got is
/// never called unsent.
/// </summary>
public sealed class HopFaultTests : IAsyncLifetime
{
    private readonly GatewayPair _pair = new();

    public Task InitializeAsync() => _pair.InitializeAsync();

    public Task DisposeAsync() => _pair.DisposeAsync();

    [Fact]
    public async Task A_connection_that_is_never_made_is_unsent()
    {
        await using var agent = await _pair.ConnectAgentAsync("refused");
        await _pair.CloseBetweenAsync();
        var end = await TestCall.RunAsync(_pair.First, "refused");
        Assert.Equal(("unavailable", "no", StatusCode.Unavailable), (end.Reason, end.Sent, end.Status));
        Assert.False(agent.TryNextRequest(out _));
        await _pair.First.AssertQuietAsync();
    }

    /// <summary>The agent is not called offline for it: whoever asks its own front door is served.</summary>
    [Fact]
    public async Task A_front_door_that_cannot_be_reached_keeps_its_agents()
    {
        await using var agent = await _pair.ConnectAgentAsync("kept");
        _ = agent.EchoAsync();
        await _pair.CloseBetweenAsync();
        var end = await TestCall.RunAsync(_pair.First, "kept");
        Assert.True(end.Reason == "unavailable", end.ToString());
        Assert.Equal("here", (await TestCall.RunAsync(_pair.Holder, "kept", "here")).Text);
        Assert.True(await IsOnlineAsync("kept"));
    }

    [Fact]
    public async Task A_connect_that_gets_no_further_is_unsent()
    {
        await using var agent = await _pair.ConnectAgentAsync("held");
        _pair.Between.HoldConnects();
        var end = await TestCall.RunAsync(_pair.First, "held");
        Assert.Equal(("unavailable", "no"), (end.Reason, end.Sent));
        Assert.False(agent.TryNextRequest(out _));
        await _pair.First.AssertQuietAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_breaks_while_the_agent_thinks_is_agent_disconnected(bool reset)
    {
        await using var agent = await _pair.ConnectAgentAsync("thinks");
        using var call = TestCall.Start(_pair.First, "thinks");
        var request = await agent.NextRequestAsync();
        Break(reset);
        var end = await call.EndAsync();
        Assert.Equal(("agent-disconnected", "yes"), (end.Reason, end.Sent));
        Assert.Equal(request.Id, (await agent.NextControlAsync()).Cancel.RequestId);
        Assert.False(agent.TryNextRequest(out _));
        await _pair.AssertQuietAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_breaks_in_mid_response_is_agent_failed(bool reset)
    {
        await using var agent = await _pair.ConnectAgentAsync("speaks");
        using var call = TestCall.Start(_pair.First, "speaks");
        var request = await agent.NextRequestAsync();
        using var responseCall = agent.OpenResponse(request.Id);
        await responseCall.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("a") });
        await call.NextAsync();
        Break(reset);
        var end = await call.EndAsync();
        Assert.Equal(("agent-failed", "yes", "a"), (end.Reason, end.Sent, end.Text));
        await _pair.AssertQuietAsync();
    }

    /// <summary>Half-open: nothing comes and nothing is closed. The keepalive finds it, and nobody else waits for that.</summary>
    [Fact]
    public async Task A_silent_front_door_is_found_and_holds_up_nobody()
    {
        await using var agent = await _pair.ConnectAgentAsync("silent");
        await using var near = await TestAgent.ConnectAsync(_pair.First, "near");
        _ = near.EchoAsync();
        using var call = TestCall.Start(_pair.First, "silent");
        await agent.NextRequestAsync();
        _pair.Between.GoSilent();
        Assert.Equal("near", (await TestCall.RunAsync(_pair.First, "near", "near")).Text);
        var end = await call.EndAsync();
        Assert.Equal(("agent-disconnected", "yes"), (end.Reason, end.Sent));
        _pair.Between.Speak();
        await _pair.AssertQuietAsync();
    }

    /// <summary>After the way is there again, so are the agents behind it.</summary>
    [Fact]
    public async Task A_connection_is_made_anew()
    {
        await using var agent = await _pair.ConnectAgentAsync("again");
        _ = agent.EchoAsync();
        Assert.Equal("1", (await TestCall.RunAsync(_pair.First, "again", "1")).Text);
        _pair.Between.ResetAll();
        await Eventually.IsTrueAsync(async () => (await TestCall.RunAsync(_pair.First, "again", "2")).Text == "2", () => "not served again");
        await _pair.AssertQuietAsync();
    }

    private void Break(bool reset)
    {
        if (reset)
        {
            _pair.Between.ResetAll();
        }
        else
        {
            _pair.Between.CutAll();
        }
    }

    private async Task<bool> IsOnlineAsync(string agent)
    {
        using var http = new HttpClient { BaseAddress = _pair.First.Rest };
        return (await http.GetStringAsync($"/v1/agents/{agent}").DefaultTimeout()).Contains("\"online\"", StringComparison.Ordinal);
    }
}

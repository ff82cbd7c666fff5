using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Switchboard.Api.Sessions;
using Switchboard.Api.Tests.Harness;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Rest;

/// <summary><c>DELETE /v1/agents/{id}/sessions</c>: sends an agent away.</summary>
public sealed class KickTests : IAsyncLifetime
{
    private static readonly TimeSpan _reconnectAfter = TimeSpan.FromSeconds(7);
    private GatewayHost _host = null!;

    public async Task InitializeAsync() =>
        _host = await GatewayHost.StartAsync(settings: ("Switchboard:Sessions:KickedReconnectAfter", "7s"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    /// <summary>
    /// The agent hears why, and when it may come back; its stream ends well; what it had been sent and without a response ends
    /// with the truth, a response under way goes on.
    /// </summary>
    [Fact]
    public async Task Every_session_is_told_and_ends()
    {
        await using var retiring = await TestAgent.ConnectAsync(_host, "kicked");
        Assert.True(_host.Sessions.Find(retiring.SessionId)!.Retire(TimeSpan.FromSeconds(1)));
        await _host.Service<SessionAnnouncer>().RetireAsync(_host.Sessions.Find(retiring.SessionId)!);
        Assert.Equal("draining", (await retiring.NextControlAsync()).GoAway.Reason);
        await using var agent = await TestAgent.ConnectAsync(_host, "kicked");
        var waits = TestCall.Start(_host, "kicked");
        await agent.NextRequestAsync();
        using var responded = TestCall.Start(_host, "kicked");
        var request = await agent.NextRequestAsync();
        using var responseCall = agent.OpenResponse(request.Id);
        await responseCall.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("one ") });
        await responded.NextAsync();

        Assert.Equal(HttpStatusCode.NoContent, await KickAsync("kicked"));

        var goAway = (await agent.NextControlAsync()).GoAway;
        Assert.Equal(("kicked", _reconnectAfter), (goAway.Reason, goAway.ReconnectAfter.ToTimeSpan()));
        Assert.Equal("kicked", (await retiring.NextControlAsync()).GoAway.Reason);
        Assert.Equal(StatusCode.OK, (await agent.Ended.DefaultTimeout()).StatusCode);
        Assert.Equal(StatusCode.OK, (await retiring.Ended.DefaultTimeout()).StatusCode);
        var end = await waits.EndAsync();
        Assert.Equal(("agent-disconnected", "yes"), (end.Reason, end.Sent));
        Assert.Equal("agent-offline", (await TestCall.RunAsync(_host, "kicked")).Reason);
        await responseCall.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("two") });
        await responseCall.RequestStream.CompleteAsync();
        Assert.Equal("one two", (await responded.EndAsync()).Text);
        await _host.AssertQuietAsync();
    }

    /// <summary>What was asked for is that nobody is there.</summary>
    [Fact]
    public async Task Nobody_there_is_as_good()
    {
        Assert.Equal(HttpStatusCode.NoContent, await KickAsync("nobody"));
        Assert.Equal(HttpStatusCode.NoContent, await KickAsync("nobody"));
    }

    [Theory]
    [InlineData("-bad-")]
    [InlineData("events")]
    public async Task A_bad_id_is_refused_by_name(string id)
    {
        using var response = await SendAsync(id);
        var problem = await response.ProblemAsync(HttpStatusCode.BadRequest, "bad-request");
        Assert.Contains("agent_id", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    /// <summary>An agent that was kicked may come back, and is served again.</summary>
    [Fact]
    public async Task It_may_come_back()
    {
        await using var agent = await TestAgent.ConnectAsync(_host, "back");
        await KickAsync("back");
        await using var again = await TestAgent.ConnectAsync(_host, "back");
        _ = again.EchoAsync();
        Assert.Equal("hello", (await TestCall.RunAsync(_host, "back", "hello")).Text);
    }

    private async Task<HttpStatusCode> KickAsync(string id)
    {
        using var response = await SendAsync(id);
        return response.StatusCode;
    }

    private async Task<HttpResponseMessage> SendAsync(string id)
    {
        using var http = new HttpClient();
        return await http.DeleteAsync(new Uri(_host.Rest, $"/v1/agents/{id}/sessions")).DefaultTimeout();
    }
}

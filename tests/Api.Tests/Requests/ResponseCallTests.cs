using Google.Protobuf;
using Grpc.Core;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Requests;

/// <summary>Who may respond, how often, and what a bad response is.</summary>
public sealed class ResponseCallTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private GatewayHost Host => fixture.Host;

    [Fact]
    public async Task Without_a_request_id()
    {
        using var call = Host.Client.AgentResponsePublish();
        var e = await Assert.ThrowsAsync<RpcException>(async () => await call.ResponseAsync.DefaultTimeout());
        Assert.Equal((StatusCode.Unauthenticated, "Missing request id"), (e.StatusCode, e.Status.Detail));
    }

    [Theory]
    [InlineData("0123456789abcdef")]
    [InlineData("not an id")]
    [InlineData("000000000000000g")]
    public async Task With_an_id_that_nobody_knows(string id)
    {
        using var call = Host.Client.AgentResponsePublish(new Metadata { { "request-id", id } });
        var e = await Assert.ThrowsAsync<RpcException>(async () => await call.ResponseAsync.DefaultTimeout());
        Assert.Equal((StatusCode.NotFound, "Request Id not found"), (e.StatusCode, e.Status.Detail));
    }

    /// <summary>W8: any agent that knew the id could respond to it.</summary>
    /// <summary>W8: ids can be guessed; whoever does not name the session that was sent the request may not respond to it.</summary>
    [Fact]
    public async Task A_response_that_names_no_session_is_refused()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "sessionless");
        var call = TestCall.Start(Host, "sessionless");
        var request = await agent.NextRequestAsync();
        using var forged = Host.Client.AgentResponsePublish(new Metadata { { "request-id", request.Id } });
        var e = await Assert.ThrowsAsync<RpcException>(async () => await forged.ResponseAsync.DefaultTimeout());
        Assert.Equal((StatusCode.Unauthenticated, "Missing session id"), (e.StatusCode, e.Status.Detail));
        Assert.Equal(StatusCode.OK, await agent.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("true") }));
        Assert.Equal("true", (await call.EndAsync()).Text);
        await Host.AssertQuietAsync();
    }

    [Fact]
    public async Task Another_agents_response_is_refused()
    {
        await using var asked = await TestAgent.ConnectAsync(Host, "asked");
        await using var other = await TestAgent.ConnectAsync(Host, "other");
        var call = TestCall.Start(Host, "asked");
        var request = await asked.NextRequestAsync();
        Assert.Equal(StatusCode.PermissionDenied, await other.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("forged") }));
        Assert.Equal(StatusCode.OK, await asked.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("true") }));
        Assert.Equal("true", (await call.EndAsync()).Text);
        await Host.AssertQuietAsync();
    }

    /// <summary>W12: a second stream waited for ever in a channel that nobody read. Until the first message has been handed over, the newer takes over.</summary>
    [Fact]
    public async Task A_newer_call_takes_over_before_the_first_message_and_not_after_it()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "takeover");
        using var call = TestCall.Start(Host, "takeover");
        var request = await agent.NextRequestAsync();
        using var older = agent.OpenResponse(request.Id);
        await GrantedAsync();

        using var newer = agent.OpenResponse(request.Id);
        Assert.Equal(StatusCode.Aborted, await StatusOf(older));
        await newer.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("newer") });
        await call.NextAsync();

        Assert.Equal(StatusCode.AlreadyExists, await agent.RespondAsync(request.Id, new AgentResponse()));
        await newer.RequestStream.CompleteAsync();
        await newer.ResponseAsync.DefaultTimeout();
        Assert.Equal("newer", (await call.EndAsync()).Text);
        Assert.Equal(StatusCode.NotFound, await agent.RespondAsync(request.Id, new AgentResponse()));
        await Host.AssertQuietAsync();

        // The order in which the gateway sees two calls of one client is theirs to choose; so the first must have been seen.
        async Task GrantedAsync()
        {
            Host.Requests.TryFind(Convert.ToUInt64(request.Id, 16), out var live);
            await Eventually.IsTrueAsync(() => live!.HasResponseCall, () => "the response call has not come");
        }
    }

    /// <summary>A call that fails before its first message leaves the request to another one.</summary>
    [Fact]
    public async Task A_call_that_breaks_off_before_its_first_message_may_be_repeated()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "repeated");
        using var call = TestCall.Start(Host, "repeated");
        var request = await agent.NextRequestAsync();
        var broken = agent.OpenResponse(request.Id);
        Host.Requests.TryFind(Convert.ToUInt64(request.Id, 16), out var live);
        await Eventually.IsTrueAsync(() => live!.HasResponseCall, () => "the response call has not come");
        broken.Dispose();
        await Eventually.IsTrueAsync(() => !live!.HasResponseCall, () => "the broken call is still there");
        Assert.Equal(StatusCode.OK, await agent.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("second") }));
        Assert.Equal("second", (await call.EndAsync()).Text);
        await Host.AssertQuietAsync();
    }

    [Fact]
    public async Task An_error_at_the_agent_is_told()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "error");
        var call = TestCall.Start(Host, "error");
        var request = await agent.NextRequestAsync();
        Assert.Equal(StatusCode.OK, await agent.RespondAsync(request.Id, new AgentResponse { Error = "disk full" }));
        var end = await call.EndAsync();
        Assert.Equal((StatusCode.Aborted, "agent-failed", "yes"), (end.Status, end.Reason, end.Sent));
        Assert.Contains("disk full", end.Detail, StringComparison.Ordinal);
        await Host.AssertQuietAsync();
    }

    [Theory]
    [InlineData(199u)]
    [InlineData(600u)]
    [InlineData(101u)]
    public async Task A_status_outside_200_to_599_is_a_failure(uint status)
    {
        await using var agent = await TestAgent.ConnectAsync(Host, $"status-{status}");
        var call = TestCall.Start(Host, $"status-{status}");
        var request = await agent.NextRequestAsync();
        Assert.Equal(StatusCode.InvalidArgument, await agent.RespondAsync(request.Id, new AgentResponse { Status = status }));
        Assert.Equal("agent-failed", (await call.EndAsync()).Reason);
        await Host.AssertQuietAsync();
    }

    /// <summary>A longer message than stock clients accept would end the caller's stream anyway: both sides are told.</summary>
    [Theory]
    [InlineData(4_194_304, true)]
    [InlineData(4_194_305, false)]
    [InlineData(5_000_000, false)]
    public async Task A_message_of_a_response_has_a_longest(int size, bool passes)
    {
        await using var agent = await TestAgent.ConnectAsync(Host, $"long-{size}");
        // Read while the agent responds: the agent's call ends when its caller has everything.
        var ending = TestCall.RunAsync(Host, $"long-{size}");
        var request = await agent.NextRequestAsync();
        // Field 3: a tag, four bytes of length, the body.
        var message = new AgentResponse { Body = ByteString.CopyFrom(new byte[size - 5]) };
        Assert.Equal(size, message.CalculateSize());
        Assert.Equal(passes ? StatusCode.OK : StatusCode.ResourceExhausted, await agent.RespondAsync(request.Id, message));
        var end = await ending;
        Assert.Equal(passes ? (StatusCode.OK, null, null) : (StatusCode.ResourceExhausted, "too-large", "yes"), (end.Status, end.Reason, end.Sent));
        await Host.AssertQuietAsync();
    }

    private static async Task<StatusCode> StatusOf(AsyncClientStreamingCall<AgentResponse, Empty> call)
    {
        try
        {
            await call.ResponseAsync.DefaultTimeout();
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }
}

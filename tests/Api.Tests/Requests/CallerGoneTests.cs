using Google.Protobuf;
using Grpc.Core;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Requests;

/// <summary>
/// W4, issue 3 of the story: a caller that goes away while the gateway waits, at whichever stage, left its entry behind for ever. R3: the
/// agent hears of it at once.
/// </summary>
public sealed class CallerGoneTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private GatewayHost Host => fixture.Host;

    /// <summary>W4: cancelled while the agent thinks.</summary>
    [Fact]
    public async Task While_the_agent_thinks()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "gone-sent");
        var call = TestCall.Start(Host, "gone-sent");
        var request = await agent.NextRequestAsync();
        call.Dispose();
        var cancel = (await agent.NextControlAsync()).Cancel;
        Assert.Equal((request.Id, "caller-cancelled"), (cancel.RequestId, cancel.Reason));
        Assert.Equal(StatusCode.NotFound, await agent.RespondAsync(request.Id, new AgentResponse()));
        await Host.AssertQuietAsync();
    }

    /// <summary>W4, R3: cancelled with a response call open that has sent nothing yet: that call ends CANCELLED at once.</summary>
    [Fact]
    public async Task While_a_response_call_is_open_and_silent()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "gone-open");
        var call = TestCall.Start(Host, "gone-open");
        var request = await agent.NextRequestAsync();
        using var response = agent.OpenResponse(request.Id);
        // The call exists for the gateway once its headers have come; a second one takes over from it, which shows that.
        using var second = agent.OpenResponse(request.Id);
        Assert.Equal(StatusCode.Aborted, (await Assert.ThrowsAnyAsync<RpcException>(() => Either(response, second))).StatusCode);
        call.Dispose();
        var cancelled = await Task.WhenAll(StatusOf(response), StatusOf(second));
        Assert.Equivalent(new[] { StatusCode.Aborted, StatusCode.Cancelled }, cancelled);
        await agent.NextControlAsync();
        await Host.AssertQuietAsync();

        static async Task Either(AsyncClientStreamingCall<AgentResponse, Empty> a, AsyncClientStreamingCall<AgentResponse, Empty> b) =>
            await await Task.WhenAny(a.ResponseAsync, b.ResponseAsync).DefaultTimeout();
    }

    /// <summary>W4, R3: cancelled in the middle of a response.</summary>
    [Fact]
    public async Task In_the_middle_of_a_response()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "gone-responding");
        var call = TestCall.Start(Host, "gone-responding");
        var request = await agent.NextRequestAsync();
        using var response = agent.OpenResponse(request.Id);
        await response.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("one") });
        await call.NextAsync();
        call.Dispose();
        Assert.Equal(StatusCode.Cancelled, await StatusOf(response));
        Assert.Equal(request.Id, (await agent.NextControlAsync()).Cancel.RequestId);
        await Host.AssertQuietAsync();
    }

    /// <summary>W4: cancelled before it could be sent, because the agent reads nothing: it never is.</summary>
    [Fact]
    public async Task A_hundred_callers_gone_at_once_leave_nothing()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "gone-100");
        var calls = Enumerable.Range(0, 100).Select(_ => TestCall.Start(Host, "gone-100")).ToList();
        calls.ForEach(c => c.Dispose());
        await Host.AssertQuietAsync();
        _ = agent.EchoAsync();
        Assert.Equal("still here", (await TestCall.RunAsync(Host, "gone-100", "still here")).Text);
        await Host.AssertQuietAsync();
    }

    /// <summary>The caller's process dies, with its connection.</summary>
    [Fact]
    public async Task With_its_connection()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "gone-connection");
        var channel = Host.NewChannel();
        using var call = new TestCall(new AgentGateway.AgentGatewayClient(channel), TestCall.Request("gone-connection"));
        var request = await agent.NextRequestAsync();
        channel.Dispose();
        Assert.Equal(request.Id, (await agent.NextControlAsync()).Cancel.RequestId);
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

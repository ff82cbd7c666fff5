using Google.Protobuf;
using Grpc.Core;
using Switchboard.Api.Tests.Harness;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Engine;

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

        Assert.Equal(StatusCode.OK, await agent.AnswerAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("done") }));
        Assert.Equal("done", (await call.EndAsync()).Text);
        Assert.Equal(StatusCode.OK, (await agent.Ended.DefaultTimeout()).StatusCode);
        await stopping.DefaultTimeout();
    }

    /// <summary>When the drain time is over, what is open is answered with the truth about whether it was sent.</summary>
    [Fact]
    public async Task What_is_not_finished_in_time_is_answered()
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
}

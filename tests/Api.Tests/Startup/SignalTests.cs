using Google.Protobuf;
using Grpc.Core;
using Switchboard.Api.Startup;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Startup;

/// <summary>T5 with a real process: what the signals do.</summary>
public sealed class SignalTests
{
    /// <summary>S2: SIGTERM: the agent is told, the new are refused, what is under way is completed, and the process ends well.</summary>
    [UnixFact]
    public async Task A_term_drains()
    {
        await using var gateway = await GatewayProcess.StartAsync("--Switchboard:Shutdown:DrainTime=60s");
        await using var agent = await TestAgent.ConnectAsync(gateway.Channel, "term");
        var client = new AgentGateway.AgentGatewayClient(gateway.Channel);
        using var held = new TestCall(client, TestCall.Request("term"));
        var request = await agent.NextRequestAsync();

        await gateway.SignalAsync("TERM");
        Assert.Equal("draining", (await agent.NextControlAsync()).GoAway.Reason);
        using var late = new TestCall(client, TestCall.Request("term"));
        var refused = await late.EndAsync();
        Assert.Equal((StatusCode.Unavailable, "draining", "no"), (refused.Status, refused.Reason, refused.Sent));
        await agent.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("whole") });
        Assert.Equal("whole", (await held.EndAsync()).Text);
        Assert.Equal(StatusCode.OK, (await agent.Ended.DefaultTimeout()).StatusCode);
        Assert.Equal(0, await gateway.ExitAsync());
    }

    /// <summary>The first SIGINT drains, and would for an hour; the second one ends the process at once.</summary>
    [UnixFact]
    public async Task A_second_interrupt_ends_at_once()
    {
        await using var gateway = await GatewayProcess.StartAsync("--Switchboard:Shutdown:DrainTime=1h");
        await using var agent = await TestAgent.ConnectAsync(gateway.Channel, "int");
        using var held = new TestCall(new AgentGateway.AgentGatewayClient(gateway.Channel), TestCall.Request("int"));
        await agent.NextRequestAsync();
        await gateway.SignalAsync("INT");
        Assert.Equal("draining", (await agent.NextControlAsync()).GoAway.Reason);
        await gateway.SignalAsync("INT");
        Assert.Equal(StartupErrors.Interrupted, await gateway.ExitAsync());
        Assert.Equal(StatusCode.Unavailable, (await held.EndAsync()).Status);
    }
}

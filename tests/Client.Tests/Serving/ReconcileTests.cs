using Switchboard.Client.Tests.Fakes;

namespace Switchboard.Client.Tests.Serving;

/// <summary>Tests how the SDK reconciles the gateway's list of live requests.</summary>
public class ReconcileTests
{
    private const ulong First = 0x0001_0000_0000_00a1;
    private const ulong Second = 0x0001_0000_0000_00a2;

    /// <summary>The gateway has ended a request without a cancel message. What it still lists goes on.</summary>
    [Fact]
    public async Task What_the_gateway_does_not_list_is_cancelled()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var started = System.Threading.Channels.Channel.CreateUnbounded<string>();
        var cancelled = System.Threading.Channels.Channel.CreateUnbounded<string>();
        await using var agent = RunningAgent.Start(gateway, async (request, _, token) =>
        {
            using (token.Register(() => cancelled.Writer.TryWrite(request.Id)))
            {
                started.Writer.TryWrite(request.Id);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            }
        });
        var session = await gateway.NextSessionAsync();
        session.Request(Text(First));
        session.Request(Text(Second));
        await started.Reader.ReadAsync().DefaultTimeout();
        await started.Reader.ReadAsync().DefaultTimeout();

        session.Heartbeat();
        session.Reconcile(First, Second);
        session.Reconcile(Second);
        Assert.Equal(Text(First), await cancelled.Reader.ReadAsync().DefaultTimeout());
        session.Reconcile();
        Assert.Equal(Text(Second), await cancelled.Reader.ReadAsync().DefaultTimeout());
        Assert.False(cancelled.Reader.TryRead(out _));
    }

    /// <summary>A request that the agent does not run is failed at the second list in a row, under its session; no other is.</summary>
    [Fact]
    public async Task What_the_agent_does_not_know_is_failed()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var agent = RunningAgent.Start(gateway, async (_, response, token) =>
        {
            await response.WriteAsync("x"u8.ToArray(), token);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        });
        var session = await gateway.NextSessionAsync();
        session.Request(Text(First));
        var running = await gateway.NextResponseAsync();
        await running.NextAsync();

        session.Reconcile(First, Second);
        session.Reconcile(First);
        session.Reconcile(First, Second);
        session.Reconcile(First, Second);
        var response = await gateway.NextResponseAsync();
        Assert.Equal((Text(Second), $"{session.Id}"), (response.RequestId, response.SessionId));
        Assert.Equal("the agent does not know this request", Assert.Single(await response.AllAsync()).Error);
        Assert.False(gateway.Responses.Reader.TryRead(out _));
        Assert.False(running.Messages.Reader.TryRead(out _));
    }

    /// <summary>The gateway has ended the request meanwhile, and an agent that stops does not wait for the rest.</summary>
    [Fact]
    public async Task A_refusal_is_ignored_and_the_end_does_not_wait()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var agent = RunningAgent.Start(gateway, RunningAgent.NoHandler);
        var session = await gateway.NextSessionAsync();
        session.Reconcile(First, Second);
        session.Reconcile(First, Second);
        var first = await gateway.NextResponseAsync();
        first.EndWith(Grpc.Core.StatusCode.NotFound);
        await gateway.NextResponseAsync();
        agent.Stop();
        await agent.Completion.DefaultTimeout();
    }

    private static string Text(ulong id) => id.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}

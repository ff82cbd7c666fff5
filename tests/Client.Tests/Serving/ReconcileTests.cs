using Switchboard.Client.Tests.Fakes;

namespace Switchboard.Client.Tests.Serving;

/// <summary>What the SDK does with the gateway's list of what is at the agent.</summary>
public class ReconcileTests
{
    private const ulong First = 0x0001_0000_0000_00a1;
    private const ulong Second = 0x0001_0000_0000_00a2;

    /// <summary>A gateway that forgot: its cancel was never sent. What it still lists runs on.</summary>
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

    /// <summary>An agent that forgot says so at the second list in a row, with its session; never of what it runs.</summary>
    [Fact]
    public async Task What_the_agent_does_not_know_is_failed()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var agent = RunningAgent.Start(gateway, async (_, answer, token) =>
        {
            await answer.WriteAsync("x"u8.ToArray(), token);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        });
        var session = await gateway.NextSessionAsync();
        session.Request(Text(First));
        var running = await gateway.NextAnswerAsync();
        await running.NextAsync();

        session.Reconcile(First, Second);
        session.Reconcile(First);
        session.Reconcile(First, Second);
        session.Reconcile(First, Second);
        var answer = await gateway.NextAnswerAsync();
        Assert.Equal((Text(Second), $"{session.Id}"), (answer.RequestId, answer.SessionId));
        Assert.Equal("the agent does not know this request", Assert.Single(await answer.AllAsync()).Error);
        Assert.False(gateway.Answers.Reader.TryRead(out _));
        Assert.False(running.Messages.Reader.TryRead(out _));
    }

    /// <summary>The gateway has settled it meanwhile; and an agent that leaves does not wait for the rest.</summary>
    [Fact]
    public async Task A_refusal_is_no_trouble_and_the_end_does_not_wait()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var agent = RunningAgent.Start(gateway, RunningAgent.NoHandler);
        var session = await gateway.NextSessionAsync();
        session.Reconcile(First, Second);
        session.Reconcile(First, Second);
        var first = await gateway.NextAnswerAsync();
        first.EndWith(Grpc.Core.StatusCode.NotFound);
        await gateway.NextAnswerAsync();
        agent.Stop();
        await agent.Completion.DefaultTimeout();
    }

    private static string Text(ulong id) => id.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}

using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Switchboard.Api.Sessions;
using Switchboard.Api.Tests.Harness;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Sessions;

/// <summary>
/// The gateway's side of the comparison (PEERS 1.3, 1.14: what one side has forgotten holds the other's state until a deadline): once a
/// minute an agent is told which requests are believed to be with it.
/// </summary>
public sealed class ReconcileTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private GatewayHost _host = null!;

    // A response under way may pause for longer than it takes until the list comes.
    public async Task InitializeAsync() => _host = await GatewayHost.StartAsync(_time, settings: ("Switchboard:Requests:IdleTimeout", "10m"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    /// <summary>After a minute and not before: what was sent and has not ended, whether its response has begun or not; and an empty list too.</summary>
    [Fact]
    public async Task The_agent_is_told_what_is_with_it()
    {
        await using var agent = await TestAgent.ConnectAsync(_host, "told");
        using var waits = Start("told");
        var waiting = await agent.NextRequestAsync();
        using var begins = Start("told");
        var begun = await agent.NextRequestAsync();
        using var response = agent.OpenResponse(begun.Id);
        await response.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("x") });
        await begins.NextAsync();
        using var ends = Start("told");
        var ended = await agent.NextRequestAsync();
        await agent.RespondAsync(ended.Id, new AgentResponse());
        await ends.EndAsync();

        // A request after each turn of the clock shows that no list came before it.
        await _host.AdvanceAsync(_time, TimeSpan.FromSeconds(58));
        using var mark = Start("told");
        var marked = await agent.NextRequestAsync();
        var list = agent.NextListAsync();
        Assert.False(list.IsCompleted);
        await _host.AdvanceAsync(_time, TimeSpan.FromSeconds(4));
        Assert.Equal(Numbers(waiting, begun, marked), (await list).Order());

        await response.RequestStream.CompleteAsync();
        await begins.EndAsync();
        foreach (var request in new[] { waiting, marked })
        {
            await agent.RespondAsync(request.Id, new AgentResponse());
        }

        await waits.EndAsync();
        await mark.EndAsync();
        await _host.AdvanceAsync(_time, TimeSpan.FromSeconds(61));
        Assert.Empty(await agent.NextListAsync());
        await _host.AssertQuietAsync();
    }

    /// <summary>An agent that forgot says so, and the caller hears of it then, not at the deadline.</summary>
    [Fact]
    public async Task An_agent_that_forgot_fails_its_request()
    {
        await using var agent = await TestAgent.ConnectAsync(_host, "forgot");
        var call = Start("forgot").EndAsync();
        await agent.NextRequestAsync();
        await _host.AdvanceAsync(_time, TimeSpan.FromSeconds(61));
        var id = Assert.Single(await agent.NextListAsync()).ToString("x16", CultureInfo.InvariantCulture);
        await agent.RespondAsync(id, new AgentResponse { Error = "the agent does not know this request" });
        var end = await call;
        Assert.Equal((StatusCode.Aborted, "agent-failed", "yes"), (end.Status, end.Reason, end.Sent));
        Assert.Equal(StatusCode.NotFound, await agent.RespondAsync(id, new AgentResponse { Error = "again" }));
        await _host.AssertQuietAsync();
    }

    /// <summary>
    /// The list stands in the stream where it was made: what waits behind it was not sent before it and is not on it, though it is in
    /// flight already. Told to cancel what is not listed, an agent would stop it else.
    /// </summary>
    [Fact]
    public async Task What_is_not_sent_yet_is_not_listed()
    {
        var time = new ManualTimeProvider();
        await using var host = await GatewayHost.StartAsync(time, settings: ("Switchboard:Sessions:ReconcileInterval", "5s"));
        using var stream = new StuckStream { StuckAfter = 1 };
        var running = host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("order"), stream, stream.Gone);
        await stream.CountAsync(1);
        using var first = TestCall.Start(host, "order");
        await stream.Stuck.DefaultTimeout();

        // The first is being written. The list waits behind it, and the second request behind the list.
        host.Sessions.All.Single().Pulse(host.Clock.Now + TimeSpan.FromSeconds(6));
        using var second = TestCall.Start(host, "order");
        await second.IdAsync();
        stream.Release();
        await stream.CountAsync(4);
        var written = stream.Written.Skip(1).ToList();
        Assert.Equal([true, false, true], written.Select(m => m.Control is null));
        Assert.Equal([Number(written[0])], written[1].Control.Heartbeat.Live);
        await stream.LeaveAsync(running);
    }

    /// <summary>The longest list, that of an agent with as many in flight as any may have, is far below the limit of stock clients.</summary>
    [Fact]
    public void The_longest_list_is_one_message()
    {
        var most = new AgentSessionOptions().MaxInFlightLimit;
        Assert.InRange(ControlMessages.Reconcile(Enumerable.Repeat(ulong.MaxValue, most)).CalculateSize(), most * 8, 1 << 20);
    }

    private TestCall Start(string agent) => TestCall.Start(_host, agent, timeout: TimeSpan.FromMinutes(9));

    private static IEnumerable<ulong> Numbers(params AgentRequest[] requests) => requests.Select(Number).Order();

    private static ulong Number(AgentRequest request) => Convert.ToUInt64(request.Id, 16);
}

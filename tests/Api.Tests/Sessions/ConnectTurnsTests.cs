using Switchboard.Api.Sessions;
using Switchboard.Api.Tests.Harness;
using Switchboard.Api.Time;
using Switchboard.Core.Requests;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Sessions;

/// <summary>How many connects are with grains at once.</summary>
public sealed class ConnectTurnsTests : IDisposable
{
    private static readonly TimeSpan _limit = SubscriptionHandler.LongestConnect;

    private readonly ManualTimeProvider _time = new();
    private readonly ConnectTurns _turns;

    public ConnectTurnsTests() => _turns = new ConnectTurns(new GatewayClock(_time));

    public void Dispose() => _turns.Dispose();

    [Fact]
    public async Task The_next_one_waits_until_a_turn_is_over()
    {
        var taken = await TakeAllAsync();
        var next = _turns.TakeAsync(_limit, CancellationToken.None);
        Assert.False(next.IsCompleted);

        taken[0].Dispose();
        Assert.NotNull(await next.DefaultTimeout());
    }

    [Fact]
    public async Task A_turn_is_over_once()
    {
        var taken = await TakeAllAsync();
        taken[0].Dispose();
        taken[0].Dispose();
        Assert.NotNull(await _turns.TakeAsync(_limit, CancellationToken.None).DefaultTimeout());
        Assert.False(_turns.TakeAsync(_limit, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task It_is_waited_for_no_longer_than_the_limit()
    {
        await TakeAllAsync();
        var next = _turns.TakeAsync(_limit, CancellationToken.None);
        _time.Advance(_limit - TimeSpan.FromMilliseconds(1));
        Assert.False(next.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await next.DefaultTimeout());
    }

    [Fact]
    public async Task Who_leaves_waits_no_more()
    {
        await TakeAllAsync();
        using var leave = new CancellationTokenSource();
        var next = _turns.TakeAsync(_limit, leave.Token);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.DefaultTimeout());
    }

    /// <summary>An agent that comes meanwhile is not asked about, hears nothing, and is welcomed when its turn comes.</summary>
    [Fact]
    public async Task An_agent_is_welcomed_when_its_turn_comes()
    {
        await using var host = await GatewayHost.StartAsync(_time);
        var taken = await TakeAllAsync(host.Service<ConnectTurns>());
        using var stream = new StuckStream { StuckAfter = int.MaxValue };
        var running = host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("late"), stream, stream.Gone);
        Assert.False(Assert.Single(host.Sessions.All).ConnectAsked);
        Assert.Empty(stream.Written);

        taken[0].Dispose();
        await stream.CountAsync(1);
        await stream.LeaveAsync(running);
        Assert.NotNull(await host.Service<ConnectTurns>().TakeAsync(_limit, CancellationToken.None).DefaultTimeout());
    }

    [Fact]
    public async Task An_agent_whose_turn_does_not_come_is_refused()
    {
        await using var host = await GatewayHost.StartAsync(_time);
        await TakeAllAsync(host.Service<ConnectTurns>());
        using var stream = new StuckStream { StuckAfter = int.MaxValue };
        var running = host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("late"), stream, stream.Gone);
        _time.Advance(_limit);
        Assert.Equal(Verdict.Overloaded, (await running.DefaultTimeout()).Refused);
        Assert.Empty(stream.Written);
        Assert.Equal(0, host.Sessions.Count);
    }

    private Task<List<ConnectTurns.Turn>> TakeAllAsync() => TakeAllAsync(_turns);

    private static async Task<List<ConnectTurns.Turn>> TakeAllAsync(ConnectTurns turns)
    {
        List<ConnectTurns.Turn> taken = [];
        for (var i = 0; i < ConnectTurns.AtOnce; i++)
        {
            taken.Add((await turns.TakeAsync(_limit, CancellationToken.None).DefaultTimeout())!);
        }

        return taken;
    }
}

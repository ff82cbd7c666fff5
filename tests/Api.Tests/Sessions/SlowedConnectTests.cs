using Grpc.Core;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Sessions;
using Switchboard.Api.Telemetry;
using Switchboard.Api.Tests.Harness;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Sessions;

/// <summary>
/// Two processes that use one id: their connects are held here when they displace each other too fast (PEERS 1.9, the ping-pong of
/// sessions that replace one another). Time is the test's. Where a test turns it past a hold the grain's reply is the test's too, because the
/// silo's bucket is on real time.
/// </summary>
public sealed class SlowedConnectTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan _hold = TimeSpan.FromSeconds(8);

    private readonly ManualTimeProvider _time = new();
    private readonly HookedConnects _connects = new();
    private GatewayHost _host = null!;
    private MetricCollector<long> _delayed = null!;

    public async Task InitializeAsync()
    {
        _host = await _connects.StartAsync(_time, ("Switchboard:Shutdown:DrainTime", "10s"));
        _delayed = new MetricCollector<long>(_host.Service<SwitchboardMeter>().Scope, MetricNames.Meter, MetricNames.ConnectsDelayed);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public void Dispose() => _delayed.Dispose();

    /// <summary>The one that is held gets no welcome and takes nothing away; what would be held past 12 s in all is refused, and may try again.</summary>
    [Fact]
    public async Task It_is_held_and_the_other_goes_on()
    {
        var current = await SlowAsync("twice");
        using var stream = new StuckStream { StuckAfter = int.MaxValue };
        var held = _host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("twice"), stream, stream.Gone);
        await WhenHeldAsync();
        _ = current.EchoAsync();
        Assert.Equal("hello", (await TestCall.RunAsync(_host, "twice", "hello")).Text);
        Assert.False(held.IsCompleted);
        // The first hold is over, and a second would be too long.
        await _host.AdvanceAsync(_time, _hold);
        var result = await held.DefaultTimeout();
        Assert.Equal(Switchboard.Core.Requests.Verdict.Overloaded, result.Refused);
        Assert.Contains("two processes", result.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(stream.Written, m => m.Control?.Welcome is not null);
        Assert.False(current.Ended.IsCompleted);
        Assert.Equal("overloaded", Assert.Single(_delayed.GetMeasurementSnapshot()).Tags[MetricNames.Outcome]);
        await current.DisposeAsync();
    }

    /// <summary>One bound for all: what waited long for its turn is not held as long again.</summary>
    [Fact]
    public async Task The_wait_for_its_turn_counts()
    {
        var current = await SlowAsync("queued");
        var turns = _host.Service<ConnectTurns>();
        List<ConnectTurns.Turn> taken = [];
        for (var i = 0; i < ConnectTurns.AtOnce; i++)
        {
            taken.Add((await turns.TakeAsync(TimeSpan.Zero, CancellationToken.None))!);
        }

        using var stream = new StuckStream { StuckAfter = int.MaxValue };
        var held = _host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("queued"), stream, stream.Gone);
        await _host.AdvanceAsync(_time, SubscriptionHandler.LongestConnect - _hold);
        var before = _connects.Connects;
        taken.ForEach(static turn => turn.Dispose());
        Assert.Equal(Switchboard.Core.Requests.Verdict.Overloaded, (await held.DefaultTimeout()).Refused);
        Assert.Equal(before + 1, _connects.Connects);
        await current.DisposeAsync();
    }

    /// <summary>Held, and then connected: it takes the id over, as late as that.</summary>
    [Fact]
    public async Task It_is_connected_when_its_turn_has_come()
    {
        var time = new ManualTimeProvider();
        await using var host = await GatewayHost.StartAsync(time, settings:
        [
            ("Switchboard:Grains:DisplacementBurst", "1"),
            ("Switchboard:Grains:DisplacementInterval", "1s"),
        ]);
        await using var first = await TestAgent.ConnectAsync(host, "turn");
        await using var second = await TestAgent.ConnectAsync(host, "turn");
        using var stream = new StuckStream { StuckAfter = int.MaxValue };
        var third = host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("turn"), stream, stream.Gone);
        // The bucket is on real time: the held one asks each time that the clock is turned, until its turn has come.
        await Eventually.IsTrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(50));
                return stream.Written.Any(m => m.Control?.Welcome is not null);
            },
            () => "the third was never connected");
        Assert.Equal("displaced", (await second.NextControlAsync()).GoAway.Reason);
        await stream.LeaveAsync(third);
    }

    /// <summary>R4: a hold ends at once where the subscriber leaves.</summary>
    [Fact]
    public async Task It_ends_when_the_subscriber_leaves()
    {
        var current = await SlowAsync("leaves");
        using var stream = new StuckStream { StuckAfter = int.MaxValue };
        var held = _host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("leaves"), stream, stream.Gone);
        await WhenHeldAsync();
        await stream.LeaveAsync(held);
        Assert.Equal("agent-gone", Assert.Single(_delayed.GetMeasurementSnapshot()).Tags[MetricNames.Outcome]);
        Assert.Equal(1, _host.Sessions.Count);
        await current.DisposeAsync();
    }

    /// <summary>T5: a hold ends at once where the process drains, and the subscriber is sent elsewhere.</summary>
    [Fact]
    public async Task It_ends_when_the_process_drains()
    {
        var current = await SlowAsync("drains");
        using var stream = new StuckStream { StuckAfter = int.MaxValue };
        var held = _host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("drains"), stream, stream.Gone);
        await WhenHeldAsync();
        var stopping = _host.StopAsync();
        Assert.Equal(Switchboard.Core.Requests.Verdict.Draining, (await held.DefaultTimeout()).Refused);
        Assert.Equal("draining", Assert.Single(_delayed.GetMeasurementSnapshot()).Tags[MetricNames.Outcome]);
        await stopping.DefaultTimeout();
        Assert.Equal(StatusCode.OK, (await current.Ended.DefaultTimeout()).StatusCode);
    }

    // Connected, and whoever connects after it is to wait.
    private async Task<TestAgent> SlowAsync(string id)
    {
        var current = await TestAgent.ConnectAsync(_host, id);
        _connects.Reply = static _ => HookedConnects.Wait(_hold);
        return current;
    }

    private Task WhenHeldAsync() => _time.WhenTimerIsSetAsync(_hold - TimeSpan.FromMilliseconds(1), _hold);
}

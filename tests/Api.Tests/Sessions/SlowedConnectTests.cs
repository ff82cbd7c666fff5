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
/// sessions that replace one another). Time is the test's; the silo's bucket, on real time, gives one more only after 30 s.
/// </summary>
public sealed class SlowedConnectTests : IAsyncLifetime, IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private GatewayHost _host = null!;
    private MetricCollector<long> _delayed = null!;

    public async Task InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(_time, settings:
        [
            ("Switchboard:Grains:DisplacementBurst", "2"),
            ("Switchboard:Grains:DisplacementInterval", "25s"),
            ("Switchboard:Shutdown:DrainTime", "10s"),
        ]);
        _delayed = new MetricCollector<long>(_host.Service<SwitchboardMeter>().Scope, MetricNames.Meter, MetricNames.ConnectsDelayed);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public void Dispose() => _delayed.Dispose();

    /// <summary>The one that is held gets no welcome and takes nothing away; after 30 s in all it is refused, and may try again.</summary>
    [Fact]
    public async Task It_is_held_and_the_other_goes_on()
    {
        var current = await DisplaceAsync("twice");
        using var stream = new StuckStream { StuckAfter = int.MaxValue };
        var held = _host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("twice"), stream, stream.Gone);
        await _time.WhenTimerIsSetAsync(TimeSpan.FromSeconds(20));
        _ = current.EchoAsync();
        Assert.Equal("hello", (await TestCall.RunAsync(_host, "twice", "hello")).Text);
        Assert.False(held.IsCompleted);
        // The first hold is over; the bucket, on real time, has nothing yet, and a second hold would be too long.
        await _host.AdvanceAsync(_time, TimeSpan.FromSeconds(26));
        var result = await held.DefaultTimeout();
        Assert.Equal(Switchboard.Core.Requests.Verdict.Overloaded, result.Refused);
        Assert.Contains("two processes", result.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(stream.Written, m => m.Control?.Welcome is not null);
        Assert.False(current.Ended.IsCompleted);
        Assert.Equal("overloaded", Assert.Single(_delayed.GetMeasurementSnapshot()).Tags[MetricNames.Outcome]);
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
        var current = await DisplaceAsync("leaves");
        using var stream = new StuckStream { StuckAfter = int.MaxValue };
        var held = _host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("leaves"), stream, stream.Gone);
        await _time.WhenTimerIsSetAsync(TimeSpan.FromSeconds(20));
        await stream.LeaveAsync(held);
        Assert.Equal("agent-gone", Assert.Single(_delayed.GetMeasurementSnapshot()).Tags[MetricNames.Outcome]);
        Assert.Equal(1, _host.Sessions.Count);
        await current.DisposeAsync();
    }

    /// <summary>T5: a hold ends at once where the process drains, and the subscriber is sent elsewhere.</summary>
    [Fact]
    public async Task It_ends_when_the_process_drains()
    {
        var current = await DisplaceAsync("drains");
        using var stream = new StuckStream { StuckAfter = int.MaxValue };
        var held = _host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("drains"), stream, stream.Gone);
        await _time.WhenTimerIsSetAsync(TimeSpan.FromSeconds(20));
        var stopping = _host.StopAsync();
        Assert.Equal(Switchboard.Core.Requests.Verdict.Draining, (await held.DefaultTimeout()).Refused);
        Assert.Equal("draining", Assert.Single(_delayed.GetMeasurementSnapshot()).Tags[MetricNames.Outcome]);
        await stopping.DefaultTimeout();
        Assert.Equal(StatusCode.OK, (await current.Ended.DefaultTimeout()).StatusCode);
    }

    // The first displaces nobody; two more use the budget up.
    private async Task<TestAgent> DisplaceAsync(string id)
    {
        TestAgent? current = null;
        for (var i = 0; i < 3; i++)
        {
            var next = await TestAgent.ConnectAsync(_host, id);
            if (current is not null)
            {
                await current.Ended.DefaultTimeout();
            }

            current = next;
        }

        return current!;
    }
}

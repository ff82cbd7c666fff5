using Switchboard.Abstractions.Agents;
using Switchboard.Api.Sessions;
using Switchboard.Api.Tests.Harness;
using Switchboard.Core.Requests;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Sessions;

/// <summary>Agents that connect while no silo takes the call to their grain, as until a node's death is found.</summary>
public sealed class RepeatedConnectTests
{
    /// <summary>The connect is repeated, and the agent notices nothing but the time.</summary>
    [Fact]
    public async Task A_connect_that_no_silo_took_is_repeated()
    {
        var lost = new HookedConnects { Reply = Lost(3) };
        await using var host = await lost.StartAsync();
        await using var agent = await TestAgent.ConnectAsync(host, "orphan");
        Assert.Equal(4, lost.Connects);
        _ = agent.EchoAsync();
        Assert.Equal("hello", (await TestCall.RunAsync(host, "orphan", "hello")).Text);
        Assert.Equal(1, host.Sessions.Count);
    }

    /// <summary>R4: not for ever. It is told that the cluster could not be asked, and when to come again.</summary>
    [Fact]
    public async Task It_is_told_when_that_lasts()
    {
        var (time, lost) = (new ManualTimeProvider(), new HookedConnects { Reply = Lost(int.MaxValue) });
        await using var host = await lost.StartAsync(time);
        using var stream = new StuckStream { StuckAfter = int.MaxValue };
        var connecting = host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("orphan"), stream, stream.Gone);
        var start = time.GetTimestamp();
        await Eventually.IsTrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(20));
                return connecting.IsCompleted;
            },
            () => "it is still held");
        var result = await connecting;
        Assert.Equal(Verdict.Unavailable, result.Refused);
        Assert.InRange(lost.Connects, 5, 100);
        Assert.DoesNotContain(stream.Written, static m => m.Control?.Welcome is not null);
        Assert.Equal(0, host.Sessions.Count);
        Assert.InRange(time.GetElapsedTime(start), TimeSpan.FromSeconds(5), SubscriptionHandler.LongestConnect + TimeSpan.FromMilliseconds(100));
    }

    /// <summary>A failure that is no matter of the cluster is not repeated.</summary>
    [Fact]
    public async Task Another_failure_is_not()
    {
        var lost = new HookedConnects { Reply = static _ => Task.FromException<SessionConnected>(new InvalidOperationException("a defect")) };
        await using var host = await lost.StartAsync();
        using var stream = new StuckStream { StuckAfter = int.MaxValue };
        var result = await host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("orphan"), stream, stream.Gone).DefaultTimeout();
        Assert.Equal((Verdict.Internal, 1), (result.Refused, lost.Connects));
    }

    /// <summary>It ends at once where the agent leaves, or the process stops.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_ends_when_the_agent_leaves_or_the_process_stops(bool stops)
    {
        var (time, lost) = (new ManualTimeProvider(), new HookedConnects { Reply = Lost(int.MaxValue) });
        await using var host = await lost.StartAsync(time);
        using var stream = new StuckStream { StuckAfter = int.MaxValue };
        var connecting = host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("orphan"), stream, stream.Gone);
        await Eventually.IsTrueAsync(() => lost.Connects > 0, () => "it did not connect");
        if (stops)
        {
            var stopping = host.StopAsync();
            Assert.Equal(Verdict.Draining, (await connecting.DefaultTimeout()).Refused);
            await stopping.DefaultTimeout();
        }
        else
        {
            await stream.LeaveAsync(connecting);
        }
    }

    /// <summary>R4: a call that hangs is cut at the bound, in the middle of its own five seconds.</summary>
    [Fact]
    public async Task A_call_that_hangs_is_cut_at_the_bound()
    {
        var (time, hanging) = (new ManualTimeProvider(), new TaskCompletionSource<SessionConnected>());
        var hook = new HookedConnects { Reply = _ => hanging.Task };
        await using var host = await hook.StartAsync(time);
        using var stream = new StuckStream { StuckAfter = int.MaxValue };
        var start = time.GetTimestamp();
        var connecting = host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("orphan"), stream, stream.Gone);
        await Eventually.IsTrueAsync(
            () =>
            {
                // One step more would be past the bound before it has been seen.
                if (time.GetElapsedTime(start) < SubscriptionHandler.LongestConnect)
                {
                    time.Advance(TimeSpan.FromMilliseconds(100));
                }

                return connecting.IsCompleted;
            },
            () => $"it is still held after {time.GetElapsedTime(start)}");
        Assert.Equal((Verdict.Unavailable, 0), ((await connecting).Refused, host.Sessions.Count));
        Assert.InRange(hook.Connects, 2, 3);
    }

    private static Func<int, Task<SessionConnected>?> Lost(int failures) =>
        number => number <= failures ? Task.FromException<SessionConnected>(new SiloUnavailableException("its silo has just died")) : null;
}

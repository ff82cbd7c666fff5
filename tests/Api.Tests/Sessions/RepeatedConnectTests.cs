using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
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
        var lost = new Lost { Failures = 3 };
        await using var host = await StartAsync(lost);
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
        var (time, lost) = (new ManualTimeProvider(), new Lost { Failures = int.MaxValue });
        await using var host = await StartAsync(lost, time);
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
        Assert.True(time.GetElapsedTime(start) > TimeSpan.FromSeconds(5));
    }

    /// <summary>A failure that is no matter of the cluster is not repeated.</summary>
    [Fact]
    public async Task Another_failure_is_not()
    {
        var lost = new Lost { Failures = int.MaxValue, Failure = static () => new InvalidOperationException("a defect") };
        await using var host = await StartAsync(lost);
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
        var (time, lost) = (new ManualTimeProvider(), new Lost { Failures = int.MaxValue });
        await using var host = await StartAsync(lost, time);
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

    private static Task<GatewayHost> StartAsync(Lost lost, ManualTimeProvider? time = null) =>
        GatewayHost.StartAsync(time, services => services.Replace(ServiceDescriptor.Singleton(p =>
        {
            var grains = DispatchProxy.Create<IGrainFactory, LostGrains>();
            ((LostGrains)grains).With(p.GetRequiredService<IGrainFactory>(), lost);
            return ActivatorUtilities.CreateInstance<SessionAnnouncer>(p, grains);
        })));

    /// <summary>How often connects fail, and how.</summary>
    public sealed class Lost
    {
        private int _connects;

        public required int Failures { get; init; }

        public Func<Exception> Failure { get; init; } = static () => new SiloUnavailableException("its silo has just died");

        public int Connects => Volatile.Read(ref _connects);

        public bool Fails() => Interlocked.Increment(ref _connects) <= Failures;
    }

    /// <summary>The real grains, but for connects of agents.</summary>
    public class LostGrains : DispatchProxy
    {
        private object _real = null!;
        private Lost _lost = null!;

        public void With(object real, Lost lost) => (_real, _lost) = (real, lost);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == nameof(IAgentGrain.Connect) && _lost.Fails())
            {
                return Task.FromException<SessionConnected>(_lost.Failure());
            }

            var result = targetMethod.Invoke(_real, args);
            if (result is not IAgentGrain grain)
            {
                return result;
            }

            var lost = Create<IAgentGrain, LostGrains>();
            ((LostGrains)lost).With(grain, _lost);
            return lost;
        }
    }
}

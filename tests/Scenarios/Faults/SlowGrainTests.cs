using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Switchboard.Abstractions.Agents;
using Switchboard.Api.Requests;
using Switchboard.Api.Routing;
using Switchboard.Api.Sessions;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Scenarios.Faults;

/// <summary>An agent's grain that does not reply: a fault of the cluster, but not of a request that ends meanwhile for another reason.</summary>
public sealed class SlowGrainTests
{
    /// <summary>
    /// By the system's clock, because the fault was its: a timer counts whole milliseconds and may fire one before the deadline. The wait
    /// for the grain then ended "in time" with a TimeoutException, and the request as the gateway's own fault.
    /// </summary>
    [Fact]
    public async Task A_request_whose_time_is_up_while_the_grain_is_asked_has_expired()
    {
        await using var host = await StartAsync(static () => { });
        var ends = await Task.WhenAll(Enumerable.Range(0, 100).Select(i =>
            TestCall.RunAsync(host, "slow", timeout: TimeSpan.FromMilliseconds(20 + i))));
        Assert.All(ends, e => Assert.Equal(("expired-unsent", "no"), (e.Reason, e.Sent)));
        await host.AssertQuietAsync();
    }

    /// <summary>
    /// The caller's token ends the wait for the grain first, and only then tells the request that its caller has gone: who registered last
    /// is called first. In between the wait's end was taken for the grain's failure.
    /// </summary>
    [Fact]
    public async Task A_request_whose_caller_goes_while_the_grain_is_asked_is_cancelled()
    {
        using var caller = new CancellationTokenSource();
        using var ended = new ManualResetEventSlim();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // Registered after the request's own callback and before the wait's: so it is called between the two, and stops the first there.
        await using var host = await StartAsync(() =>
        {
            caller.Token.Register(() => ended.Wait(TestTimeouts.Default));
            asked.TrySetResult();
        });
        Assert.True(AgentKey.TryCreate(AgentKey.DefaultTenant, "slow", out var agent, out _));
        var request = new CallerRequest { Agent = agent, ArrivedTimestamp = host.Clock.Time.GetTimestamp() };
        var sending = Task.Run(() => host.Service<IRequestForwarder>().SendAsync(request, new NoSink(), caller.Token));
        await asked.Task.DefaultTimeout();
        var cancelling = Task.Run(caller.Cancel);
        _ = sending.ContinueWith(_ => ended.Set(), TaskScheduler.Default);
        try
        {
            await Eventually.IsTrueAsync(() => host.Requests.Count == 0, () => "it has not ended");
        }
        finally
        {
            ended.Set();
        }

        Assert.Equal(Verdict.CallerCancelled, (await sending.DefaultTimeout()).Verdict);
        await cancelling.DefaultTimeout();
        await host.AssertQuietAsync();
    }

    private static Task<GatewayHost> StartAsync(Action asked)
    {
        var grains = DispatchProxy.Create<IGrainFactory, SilentGrains>();
        ((SilentGrains)grains).Asked = asked;
        return GatewayHost.StartAsync(configure: services => services.Replace(ServiceDescriptor.Singleton(
            p => ActivatorUtilities.CreateInstance<AgentRoutes<AgentSession>>(p, grains))));
    }

    /// <summary>Grains of agents whose every call stays without a reply.</summary>
    public class SilentGrains : DispatchProxy
    {
        internal Action Asked { get; set; } = static () => { };

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == nameof(IGrainFactory.GetGrain))
            {
                var grain = Create<IAgentGrain, SilentGrains>();
                ((SilentGrains)grain).Asked = Asked;
                return grain;
            }

            Asked();
            var type = typeof(TaskCompletionSource<>).MakeGenericType(targetMethod.ReturnType.GetGenericArguments());
            var source = Activator.CreateInstance(type)!;
            return source.GetType().GetProperty("Task")!.GetValue(source)!;
        }
    }

    private sealed class NoSink : IResponseSink
    {
        public void Hint(bool moreAtOnce)
        {
        }

        public ValueTask AcceptedAsync(RequestId id, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask FirstAsync(int status, AgentResponse first, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask NextAsync(AgentResponse message, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public void Abort()
        {
        }
    }
}

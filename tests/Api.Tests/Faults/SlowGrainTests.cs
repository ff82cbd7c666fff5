using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Switchboard.Abstractions.Agents;
using Switchboard.Api.Requests;
using Switchboard.Api.Tests.Harness;

namespace Switchboard.Api.Tests.Faults;

/// <summary>An agent's grain that does not answer: a fault of the cluster, but a request whose time is up meanwhile has expired.</summary>
public sealed class SlowGrainTests
{
    /// <summary>
    /// By the system's clock, because the fault was its: a timer counts whole milliseconds and may fire one before the deadline. The wait
    /// for the grain then ended "in time" with a TimeoutException, and the request as the gateway's own fault.
    /// </summary>
    [Fact]
    public async Task A_request_whose_time_is_up_while_the_grain_is_asked_has_expired()
    {
        await using var host = await GatewayHost.StartAsync(configure: services => services.Replace(ServiceDescriptor.Singleton(
            p => ActivatorUtilities.CreateInstance<AgentRoutes>(p, DispatchProxy.Create<IGrainFactory, SilentGrains>()))));
        var ends = await Task.WhenAll(Enumerable.Range(0, 100).Select(i =>
            TestCall.RunAsync(host, "slow", timeout: TimeSpan.FromMilliseconds(20 + i))));
        Assert.All(ends, e => Assert.Equal(("expired-unsent", "no"), (e.Reason, e.Sent)));
        await host.AssertQuietAsync();
    }

    /// <summary>Grains of agents whose every call stays without an answer.</summary>
    public class SilentGrains : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
        {
            nameof(IGrainFactory.GetGrain) => Create<IAgentGrain, SilentGrains>(),
            _ when targetMethod.ReturnType == typeof(Task) => new TaskCompletionSource().Task,
            _ => NeverEnding(targetMethod.ReturnType.GetGenericArguments()[0]),
        };

        private static object NeverEnding(Type result)
        {
            var source = Activator.CreateInstance(typeof(TaskCompletionSource<>).MakeGenericType(result))!;
            return source.GetType().GetProperty("Task")!.GetValue(source)!;
        }
    }
}

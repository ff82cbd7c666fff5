using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Switchboard.Abstractions.Agents;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Routing;
using Switchboard.Api.Sessions;
using Switchboard.Api.Time;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Tests.Harness;

/// <summary>Lets a test do something between the reply of an agent's grain to "where is it?" and the front door's reading of it.</summary>
internal sealed class HookedRoutes
{
    /// <summary>Called with each reply, and awaited.</summary>
    public Func<RouteResult, Task> Replied { get; set; } = _ => Task.CompletedTask;

    public void Into(IServiceCollection services) => services.Replace(ServiceDescriptor.Singleton(p => new AgentRoutes<AgentSession>(
        p.GetRequiredService<RouteCache<AgentSession>>(),
        p.GetRequiredService<SessionRegistry>(),
        p.GetRequiredService<IFrontDoor>(),
        Proxy<IGrainFactory>(p.GetRequiredService<IGrainFactory>(), result => result is IAgentGrain grain ? Proxy<IAgentGrain>(grain, HookAsync) : result),
        p.GetRequiredService<GatewayClock>())));

    private object? HookAsync(object? result) => result is Task<RouteResult> route ? HookedAsync(route) : result;

    private async Task<RouteResult> HookedAsync(Task<RouteResult> route)
    {
        var result = await route;
        await Replied(result);
        return result;
    }

    private static T Proxy<T>(object target, Func<object?, object?> change)
        where T : class
    {
        var proxy = DispatchProxy.Create<T, PassOn>();
        ((PassOn)(object)proxy).Target = target;
        ((PassOn)(object)proxy).Change = change;
        return proxy;
    }

    /// <summary>Passes every call on and looks at what comes back.</summary>
    [SuppressMessage("Performance", "CA1852", Justification = "DispatchProxy derives from it.")]
    public class PassOn : DispatchProxy
    {
        internal object Target { get; set; } = null!;

        internal Func<object?, object?> Change { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Change(targetMethod!.Invoke(Target, args));
    }
}

using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Switchboard.Abstractions.Agents;
using Switchboard.Api.Sessions;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Harness;

/// <summary>What agents' grains reply to connects, where a test says so. Everything else goes to the real grains.</summary>
public sealed class HookedConnects
{
    private int _connects;

    /// <summary>The reply to a connect, by its number from 1 on; null: the grain's own.</summary>
    public Func<int, Task<SessionConnected>?> Reply { get; set; } = static _ => null;

    public int Connects => Volatile.Read(ref _connects);

    /// <summary>The reply that asks to come again.</summary>
    public static Task<SessionConnected> Wait(TimeSpan time) =>
        Task.FromResult(new SessionConnected { ConnectNumber = 0, Displaced = [], Result = ConnectResult.Wait, Wait = time });

    internal Task<GatewayHost> StartAsync(ManualTimeProvider? time = null, params (string Key, string Value)[] settings) => GatewayHost.StartAsync(
        time,
        services => services.Replace(ServiceDescriptor.Singleton(p => ActivatorUtilities.CreateInstance<SessionAnnouncer>(
            p, Hooked<IGrainFactory>(p.GetRequiredService<IGrainFactory>())))),
        settings);

    private T Hooked<T>(object real)
        where T : class
    {
        var hooked = DispatchProxy.Create<T, Grains>();
        ((Grains)(object)hooked).With(real, this);
        return hooked;
    }

    /// <summary>The real grains, but for connects of agents.</summary>
    public class Grains : DispatchProxy
    {
        private object _real = null!;
        private HookedConnects _hook = null!;

        public void With(object real, HookedConnects hook) => (_real, _hook) = (real, hook);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == nameof(IAgentGrain.Connect) && _hook.Reply(Interlocked.Increment(ref _hook._connects)) is { } reply)
            {
                return reply;
            }

            var result = targetMethod.Invoke(_real, args);
            return result is IAgentGrain grain ? _hook.Hooked<IAgentGrain>(grain) : result;
        }
    }
}

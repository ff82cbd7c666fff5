using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Timers;

namespace Microsoft.Extensions.Hosting;

/// <summary>Puts a silo into a program.</summary>
public static class OrleansSiloGenericHostExtensions
{
    /// <summary>A silo with the default settings.</summary>
    public static IHostApplicationBuilder UseOrleans(this IHostApplicationBuilder hostAppBuilder) => hostAppBuilder.UseOrleans(_ => { });

    /// <summary>A silo. May be called again to configure the same one further.</summary>
    public static IHostApplicationBuilder UseOrleans(this IHostApplicationBuilder hostAppBuilder, Action<ISiloBuilder> configureDelegate)
    {
        configureDelegate(Add(hostAppBuilder.Services, hostAppBuilder.Configuration));
        return hostAppBuilder;
    }

    /// <summary>A silo. May be called again to configure the same one further.</summary>
    public static IHostBuilder UseOrleans(this IHostBuilder hostBuilder, Action<ISiloBuilder> configureDelegate)
        => hostBuilder.ConfigureServices((context, services) => configureDelegate(Add(services, context.Configuration)));

    private static SiloBuilder Add(IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddKeyedSingleton(KeyedService.AnyKey, (provider, _) => provider.GetRequiredService<TimeProvider>());
        services.TryAddSingleton<ITurnScheduler, ThreadPoolTurnScheduler>();
        services.TryAddSingleton(_ => GrainClasses.Find());
        services.TryAddSingleton(provider => new GrainRuntime(provider));
        services.TryAddSingleton<IClusterClient>(provider => new GrainFactory(provider.GetRequiredService<GrainRuntime>(), provider));
        services.TryAddSingleton<IGrainFactory>(provider => provider.GetRequiredService<IClusterClient>());
        services.TryAddScoped(_ => (TurnQueue.CurrentOwner as IGrainContext)!);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SiloService>());
        return new SiloBuilder(services, configuration);
    }

    private sealed record SiloBuilder(IServiceCollection Services, IConfiguration Configuration) : ISiloBuilder;

    /// <summary>Starts and stops the silo with the program.</summary>
    private sealed class SiloService(GrainRuntime runtime, IServiceProvider services) : IHostedService
    {
        // Where reminders were added and nobody keeps them, the silo does not start.
        private readonly ReminderService? _reminders = services.GetService<ReminderService>();

        public async Task StartAsync(CancellationToken cancellationToken)
        {
            runtime.Start();
            if (_reminders is not null)
            {
                await _reminders.StartAsync(cancellationToken);
            }
        }

        public async Task StopAsync(CancellationToken cancellationToken)
        {
            if (_reminders is not null)
            {
                await _reminders.StopAsync(cancellationToken);
            }

            await runtime.StopAsync(cancellationToken);
        }
    }
}

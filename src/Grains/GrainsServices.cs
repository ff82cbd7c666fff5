using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Storage;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Tasks;
using Switchboard.Grains.Presence;
using Switchboard.Grains.Requests;
using Switchboard.Grains.Tasks;

namespace Switchboard.Grains;

/// <summary>Registers the services of the grains.</summary>
public static class GrainsServices
{
    /// <summary>
    /// Adds the grains' options (validated at startup; the program binds them to <see cref="GrainOptions.SectionName"/> and <see
    /// cref="AgentPolicyOptions.SectionName"/> as it binds all others) and the applier of the queue <c>echo</c>. The silo also needs a
    /// grain storage named <see cref="Names.Storage.Provider"/>, a reminder service and an <see cref="Abstractions.Durable.IRequestLog"/>.
    /// </summary>
    public static ISiloBuilder AddSwitchboardGrains(this ISiloBuilder silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.Services.AddOptions<GrainOptions>().ValidateOnStart();
        silo.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<GrainOptions>, GrainOptionsValidator>());
        silo.Services.AddOptions<AgentPolicyOptions>().ValidateOnStart();
        silo.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AgentPolicyOptions>, AgentPolicyOptionsValidator>());
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.TryAddSingleton(static services => new SteadyClock(services.GetRequiredService<TimeProvider>()));
        silo.Services.AddKeyedSingleton<TimeProvider>(
            TimeProviderNames.ActivationManagement, static (services, _) => services.GetRequiredService<SteadyClock>());
        silo.Services.Configure<GrainCollectionOptions>(IdleActivations.Configure);
        // JSON, which is the default, would keep a body as base64 in a text: nearly three times its bytes while it is written.
        silo.Services.TryAddKeyedSingleton<IGrainStorageSerializer, OrleansGrainStorageSerializer>(Names.Storage.Provider);
        silo.Services.TryAddSingleton(new StorageTraits(SurvivesProcess: false));
        silo.Services.TryAddSingleton<QueueMeter>();
        silo.Services.TryAddSingleton<EndedRequests>();
        silo.Services.AddHostedService<SweeperStart>();
        silo.Services.TryAddSingleton<IndexMeter>();
        silo.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ITaskApplier, EchoApplier>());
        return silo;
    }

    /// <summary>Adds the applier of another queue. Two of one name are refused at startup.</summary>
    public static ISiloBuilder AddTaskApplier<T>(this ISiloBuilder silo)
        where T : class, ITaskApplier
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ITaskApplier, T>());
        return silo;
    }
}

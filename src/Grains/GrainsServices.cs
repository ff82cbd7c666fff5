using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Switchboard.Abstractions.Tasks;
using Switchboard.Grains.Presence;
using Switchboard.Grains.Tasks;

namespace Switchboard.Grains;

/// <summary>Registers what the grains need.</summary>
public static class GrainsServices
{
    /// <summary>
    /// The grains' options (checked at the start; the program binds them to <see cref="GrainOptions.SectionName"/> and
    /// <see cref="AgentPolicyOptions.SectionName"/> as it binds all others) and the applier of the queue <c>echo</c>. The silo needs, besides, a grain storage named
    /// <see cref="Abstractions.Names.Storage.Provider"/> and a reminder service.
    /// </summary>
    public static ISiloBuilder AddSwitchboardGrains(this ISiloBuilder silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.Services.AddOptions<GrainOptions>().ValidateOnStart();
        silo.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<GrainOptions>, GrainOptionsValidator>());
        silo.Services.AddOptions<AgentPolicyOptions>().ValidateOnStart();
        silo.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AgentPolicyOptions>, AgentPolicyOptionsValidator>());
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.Configure<GrainCollectionOptions>(IdleActivations.Configure);
        silo.Services.TryAddSingleton<QueueMeter>();
        silo.Services.TryAddSingleton<IndexMeter>();
        silo.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ITaskApplier, EchoApplier>());
        return silo;
    }

    /// <summary>Adds the applier of another queue. Two of one name are refused at the start.</summary>
    public static ISiloBuilder AddTaskApplier<T>(this ISiloBuilder silo)
        where T : class, ITaskApplier
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ITaskApplier, T>());
        return silo;
    }
}

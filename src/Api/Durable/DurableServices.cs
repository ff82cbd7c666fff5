using Microsoft.Extensions.DependencyInjection.Extensions;
using Switchboard.Abstractions.Durable;
using Switchboard.Api.Durable.Logs;
using Switchboard.Api.Hosting;
using Switchboard.Api.Sessions;

namespace Switchboard.Api.Durable;

/// <summary>Registers what durable requests need, and where they are kept.</summary>
internal static class DurableServices
{
    /// <summary>Adds the delivery of durable requests. Without a log of the program's they are kept nowhere, and refused.</summary>
    public static IServiceCollection AddDurableRequests(this IServiceCollection services)
    {
        services.AddSwitchboardOptions<DurableOptions>(DurableOptions.SectionName);
        services.TryAddSingleton<IRequestLog, UnreachableRequestLog>();
        services.AddHostedService<DurableMeter>();
        services.AddSingleton<DurableWaits>();
        services.AddSingleton<DurableEnds>();
        services.AddSingleton<DurableAttempts>();
        services.AddSingleton<LostAttempts>();
        services.AddSingleton<DurableDelivery>();
        services.AddSingleton<ISessionObserver>(static p => p.GetRequiredService<DurableDelivery>());
        services.AddSingleton<IDurableRequests, DurableRequests>();
        return services;
    }
}

using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Durable;
using Switchboard.Api.Durable.Logs;
using Switchboard.Api.Hosting;
using Switchboard.Api.Sessions;
using Switchboard.Core.Admission;

namespace Switchboard.Api.Durable;

/// <summary>Registers what durable requests need, and where they are kept.</summary>
internal static class DurableServices
{
    /// <summary>Adds the delivery of durable requests. Without a log of the program's they are kept nowhere, and refused.</summary>
    public static IServiceCollection AddDurableRequests(this IServiceCollection services)
    {
        services.AddSwitchboardOptions<DurableOptions>(DurableOptions.SectionName);
        services.TryAddSingleton<IRequestLog>(static _ => new UnreachableRequestLog(
            "durable requests are kept in PostgreSQL where front doors share them: set Switchboard:Storage:Provider to PostgreSql"));
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

    /// <summary>Keeps durable requests in this process's memory.</summary>
    public static IServiceCollection AddMemoryRequestLog(this IServiceCollection services) => services.AddSingleton<IRequestLog>(static p =>
    {
        var options = p.GetRequiredService<IOptions<DurableOptions>>().Value;
        var share = HeapShare.Of(options.MaxBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        return new MemoryRequestLog(options.Bounds(share), options.Retention, p.GetRequiredService<TimeProvider>());
    });
}

using Microsoft.Extensions.Options;
using Npgsql;
using Switchboard.Abstractions.Durable;
using Switchboard.Api.Durable.Logs;
using Switchboard.Api.Durable.PostgreSql;
using Switchboard.Core.Admission;

namespace Switchboard.Api.Durable;

/// <summary>Registers where durable requests are kept.</summary>
public static class RequestLogServices
{
    private const string DatabaseKey = "Switchboard.Durable";

    // What a call may wait for a connection: of the pool, and while one is made. In seconds.
    private const int MaxConnectSeconds = 4;

    /// <summary>Adds the log of durable requests in a PostgreSQL database, over connections of its own, with <see cref="DurableOptions"/>.</summary>
    /// <param name="services">The services of a silo, or of a front door alone.</param>
    /// <param name="connectionString">The database, which has the schema, in Npgsql's form.</param>
    public static IServiceCollection AddPostgreSqlRequestLog(this IServiceCollection services, string connectionString)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(connectionString);
        services.AddKeyedSingleton(DatabaseKey, (_, _) => Database(connectionString));
        return services.AddSingleton<IRequestLog>(static provider =>
        {
            var options = provider.GetRequiredService<IOptions<DurableOptions>>().Value;
            return new PostgreSqlRequestLog(
                provider.GetRequiredKeyedService<NpgsqlDataSource>(DatabaseKey),
                options.Bounds(),
                options.Retention,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<PostgreSqlRequestLog>>());
        });
    }

    /// <summary>Keeps durable requests in this process's memory.</summary>
    internal static IServiceCollection AddMemoryRequestLog(this IServiceCollection services) => services.AddSingleton<IRequestLog>(static p =>
    {
        var options = p.GetRequiredService<IOptions<DurableOptions>>().Value;
        var share = HeapShare.Of(options.MaxBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        return new MemoryRequestLog(options.Bounds(share), options.Retention, p.GetRequiredService<TimeProvider>());
    });

    private static NpgsqlDataSource Database(string connectionString)
    {
        var bounded = new NpgsqlConnectionStringBuilder(connectionString);
        bounded.Timeout = bounded.Timeout == 0 ? MaxConnectSeconds : Math.Min(bounded.Timeout, MaxConnectSeconds);
        return NpgsqlDataSource.Create(bounded);
    }
}

using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Durable;
using Switchboard.Api.Durable;
using Switchboard.Api.Startup;
using Switchboard.Grains;
using Switchboard.Silo.Storage.PostgreSql;
using Switchboard.Silo.Storage.Sqlite;

namespace Switchboard.Silo.Storage;

/// <summary>Chooses where grains keep their state and their reminders, and where durable requests are kept.</summary>
internal static class SiloStorage
{
    public static ISiloBuilder UseStorage(this ISiloBuilder silo, StorageOptions storage, ClusteringOptions cluster)
    {
        if (storage.Provider == StorageProvider.Memory)
        {
            if (cluster.Provider == ClusterProvider.None)
            {
                silo.Services.AddMemoryRequestLog();
            }

            return silo.AddMemoryGrainStorage(Names.Storage.Provider).UseInMemoryReminderService();
        }

        silo.Services.AddSingleton(new StorageTraits(SurvivesProcess: true));
        if (storage.Provider == StorageProvider.Sqlite)
        {
            return silo.UseSqlite(storage);
        }

        silo.Services.AddPostgreSqlRequestLog(storage.ConnectionString);
        return silo
            .AddAdoNetGrainStorage(Names.Storage.Provider, (AdoNetGrainStorageOptions o) =>
            {
                (o.Invariant, o.ConnectionString) = (ClientClustering.Npgsql, storage.ConnectionString);
                // Ended requests are forgotten, and their rows with them.
                o.DeleteStateOnClear = true;
            })
            .UseAdoNetReminderService(o => (o.Invariant, o.ConnectionString) = (ClientClustering.Npgsql, storage.ConnectionString));
    }

    /// <summary>Has the storage looked at before the start, and the file opened.</summary>
    public static void AddStorageChecks(this IServiceCollection services, StorageOptions storage, ClusteringOptions cluster)
    {
        services.AddSingleton<IValidateOptions<StorageOptions>>(new StorageOfClusters(cluster.Provider));
        if (storage.Provider == StorageProvider.Sqlite)
        {
            services.AddSingleton<IStartupCheck>(static p => new SqliteCheck(p.GetRequiredService<SqliteDatabase>));
        }

        foreach (var (key, connection) in Databases(storage, cluster))
        {
            services.AddSingleton<IStartupCheck>(new DatabaseCheck(key, connection));
        }
    }

    /// <summary>Lists the databases that hold the schema, each once, with the setting that names it.</summary>
    public static IReadOnlyList<(string Key, string ConnectionString)> Databases(StorageOptions storage, ClusteringOptions cluster)
    {
        List<(string Key, string ConnectionString)> found = [];
        if (storage.Provider == StorageProvider.PostgreSql)
        {
            found.Add(($"{StorageOptions.SectionName}:{nameof(storage.ConnectionString)}", storage.ConnectionString));
        }

        if (cluster.Provider == ClusterProvider.PostgreSql && cluster.Effective(storage) is var membership && !found.Exists(f => f.ConnectionString == membership))
        {
            found.Add(($"{ClusteringOptions.SectionName}:{nameof(cluster.ConnectionString)}", membership));
        }

        return found;
    }

    /// <summary>Returns why a cluster cannot have this storage; null: it can, or there is no cluster.</summary>
    public static string? ProblemOfCluster(StorageProvider storage, ClusterProvider cluster) =>
        cluster == ClusterProvider.None || storage != StorageProvider.Sqlite
            ? null
            : $"{StorageOptions.SectionName}:{nameof(StorageOptions.Provider)} is Sqlite, which is one process's own; with "
            + $"{ClusteringOptions.SectionName}:{nameof(ClusteringOptions.Provider)}={cluster} it must be PostgreSql (or Memory, where nothing has to be kept).";

    private static ISiloBuilder UseSqlite(this ISiloBuilder silo, StorageOptions storage)
    {
        silo.Services.AddSingleton(p => SqliteDatabase.Open(
            new SqliteDatabaseOptions { Path = SqlitePath(storage, p.GetRequiredService<IHostEnvironment>()) },
            p.GetRequiredService<IMeterFactory>(),
            p.GetRequiredService<TimeProvider>()));
        silo.Services.AddKeyedSingleton<IGrainStorage>(Names.Storage.Provider, static (p, name) => new SqliteGrainStorage(
            p.GetRequiredService<SqliteDatabase>(),
            p.GetRequiredKeyedService<IGrainStorageSerializer>(name),
            p.GetRequiredService<IActivatorProvider>()));
        silo.Services.AddSingleton<IReminderTable, SqliteReminderTable>();
        silo.Services.AddSingleton<IRequestLog>(static p =>
        {
            var durable = p.GetRequiredService<IOptions<DurableOptions>>().Value;
            return new SqliteRequestLog(new(p.GetRequiredService<SqliteDatabase>), durable.Bounds(), durable.Retention, p.GetRequiredService<TimeProvider>());
        });
        return silo.AddReminders();
    }

    /// <summary>Returns the path of the file.</summary>
    public static string SqlitePath(StorageOptions storage, IHostEnvironment environment) => Path.Combine(environment.ContentRootPath, storage.Path);

    // Opened here and kept: the next who would open it is refused, and what is found wrong is a line instead of a stack.
    private sealed class SqliteCheck(Func<SqliteDatabase> open) : IStartupCheck
    {
        public Task<string?> ProblemAsync(CancellationToken cancellationToken)
        {
            try
            {
                open();
                return Task.FromResult<string?>(null);
            }
            catch (StorageUnavailableException e)
            {
                return Task.FromResult<string?>(SqliteErrors.Describe(e));
            }
        }
    }

    private sealed class StorageOfClusters(ClusterProvider cluster) : IValidateOptions<StorageOptions>
    {
        public ValidateOptionsResult Validate(string? name, StorageOptions options) =>
            ProblemOfCluster(options.Provider, cluster) is { } problem ? ValidateOptionsResult.Fail(problem) : ValidateOptionsResult.Success;
    }

    private sealed class DatabaseCheck(string key, string connectionString) : IStartupCheck
    {
        public async Task<string?> ProblemAsync(CancellationToken cancellationToken)
        {
            try
            {
                await using var database = NpgsqlDataSource.Create(connectionString);
                return await Schema.ProblemAsync(database, cancellationToken) is { } problem ? $"{problem} ({key})" : null;
            }
            catch (NpgsqlException e)
            {
                return DatabaseErrors.Describe(e, key, connectionString);
            }
        }
    }
}

using Npgsql;
using Orleans.Configuration;
using Switchboard.Abstractions;
using Switchboard.Api.Startup;
using Switchboard.Grains;
using Switchboard.Silo.Storage.PostgreSql;

namespace Switchboard.Silo.Storage;

/// <summary>Chooses where grains keep their state and their reminders.</summary>
internal static class SiloStorage
{
    public static ISiloBuilder UseStorage(this ISiloBuilder silo, StorageOptions storage)
    {
        if (storage.Provider == StorageProvider.Memory)
        {
            return silo.AddMemoryGrainStorage(Names.Storage.Provider).UseInMemoryReminderService();
        }

        silo.Services.AddSingleton(new StorageTraits(SurvivesProcess: true));
        return silo
            .AddAdoNetGrainStorage(Names.Storage.Provider, (AdoNetGrainStorageOptions o) =>
            {
                (o.Invariant, o.ConnectionString) = (ClientClustering.Npgsql, storage.ConnectionString);
                // Ended requests are forgotten, and their rows with them.
                o.DeleteStateOnClear = true;
            })
            .UseAdoNetReminderService(o => (o.Invariant, o.ConnectionString) = (ClientClustering.Npgsql, storage.ConnectionString));
    }

    /// <summary>Has the database looked at before the start, where there is one.</summary>
    public static void AddDatabaseCheck(this IServiceCollection services, StorageOptions storage, ClusteringOptions cluster)
    {
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

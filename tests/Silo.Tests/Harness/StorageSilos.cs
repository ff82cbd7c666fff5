using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Storage;
using Switchboard.Abstractions;
using Switchboard.Api.Startup;
using Switchboard.Grains;
using Switchboard.Silo.Clustering;
using Switchboard.Silo.Storage;
using Switchboard.Silo.Storage.PostgreSql;
using Switchboard.Silo.Storage.Sqlite;
using Switchboard.TestSupport;
using Switchboard.TestSupport.Servers;

namespace Switchboard.Silo.Tests.Harness;

/// <summary>Silos as the program makes them, one for each storage, started when the first test asks for it.</summary>
public sealed class StorageSilos : IAsyncLifetime
{
    // Tests of one collection run one after another.
    private IHost? _memory;
    private IHost? _postgreSql;
    private IHost? _sqlite;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("switchboard-test-");

    /// <summary>The silo's own storage of grain state.</summary>
    internal async Task<IGrainStorage> GrainStateAsync(StorageProvider provider) =>
        (await Of(provider)).Services.GetRequiredKeyedService<IGrainStorage>(Names.Storage.Provider);

    /// <summary>The silo's own table of reminders.</summary>
    internal async Task<IReminderTable> RemindersAsync(StorageProvider provider) => (await Of(provider)).Services.GetRequiredService<IReminderTable>();

    /// <summary>A number that the silo's own database says.</summary>
    internal async Task<long> NumberAsync(StorageProvider provider, string sql)
    {
        var services = (await Of(provider)).Services;
        return provider == StorageProvider.Sqlite
            ? await services.GetRequiredService<SqliteDatabase>().ReadAsync(c => (long)c.Statement(sql).ExecuteScalar()!, CancellationToken.None)
            : await PostgreSqlServer.ReadAsync<long>(services.GetRequiredService<StorageOptions>().ConnectionString, $"SELECT ({sql})::bigint");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var host in new[] { _memory, _postgreSql, _sqlite }.OfType<IHost>())
        {
            await host.StopAsync().DefaultTimeout();
            host.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>Builds a silo of the program's parts.</summary>
    internal static IHost Build(StorageOptions storage, ClusteringOptions cluster, string name = "switchboard")
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        var network = new SiloNetworkOptions { SiloPort = FreePorts.Next(), GatewayPort = FreePorts.Next(), ClusterId = name, ServiceId = name };
        builder.Services.AddSingleton(storage);
        builder.UseOrleans(silo => silo.UseClustering(cluster, storage, network).UseStorage(storage, cluster).AddSwitchboardGrains());
        return builder.Build();
    }

    private async Task<IHost> Of(StorageProvider provider) => provider switch
    {
        StorageProvider.Memory => _memory ??= await StartAsync(new StorageOptions { Provider = provider }, new ClusteringOptions()),
        StorageProvider.Sqlite => _sqlite ??= await StartAsync(
            new StorageOptions { Provider = provider, Path = Path.Combine(_folder.FullName, "switchboard.db") }, new ClusteringOptions()),
        _ => _postgreSql ??= await StartOnPostgreSqlAsync(),
    };

    private static async Task<IHost> StartOnPostgreSqlAsync()
    {
        var connectionString = await NewDatabase.MigratedAsync();
        return await StartAsync(
            new StorageOptions { Provider = StorageProvider.PostgreSql, ConnectionString = connectionString },
            new ClusteringOptions { Provider = ClusterProvider.PostgreSql });
    }

    private static async Task<IHost> StartAsync(StorageOptions storage, ClusteringOptions cluster)
    {
        var host = Build(storage, cluster);
        await host.StartAsync().DefaultTimeout();
        return host;
    }
}

/// <summary>A database for one test.</summary>
internal static class NewDatabase
{
    /// <summary>One with the program's schema.</summary>
    public static async Task<string> MigratedAsync()
    {
        var connectionString = await PostgreSqlServer.NewDatabaseAsync();
        await MigrateAsync(connectionString);
        return connectionString;
    }

    public static async Task<(int Before, int After)> MigrateAsync(string connectionString)
    {
        await using var database = Npgsql.NpgsqlDataSource.Create(connectionString);
        return await Schema.MigrateAsync(database, CancellationToken.None).DefaultTimeout();
    }
}

using Npgsql;
using Switchboard.Abstractions.Durable;
using Switchboard.Api.Hosting;
using Switchboard.Api.Startup;
using Switchboard.Silo.Storage;
using Switchboard.Silo.Storage.PostgreSql;
using Switchboard.Silo.Storage.Sqlite;

namespace Switchboard.Silo.Hosting;

/// <summary><c>--migrate</c>: makes or upgrades the schema of every database and file that the settings name, and ends.</summary>
internal static class MigrateCommand
{
    /// <summary>Runs it and returns the exit code.</summary>
    /// <param name="settings">Settings as on the command line; the file and the environment count too.</param>
    /// <param name="output">Where it says what it did.</param>
    /// <param name="errors">Where it says what is wrong.</param>
    public static async Task<int> RunAsync(string[] settings, TextWriter output, TextWriter errors)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings, ContentRootPath = SettingsFolder.Find() });
        var storage = builder.Configuration.Peek<StorageOptions>(StorageOptions.SectionName);
        var cluster = builder.Configuration.Peek<ClusteringOptions>(ClusteringOptions.SectionName);
        var databases = SiloStorage.Databases(storage, cluster);
        if (SiloStorage.ProblemOfCluster(storage.Provider, cluster.Provider) is { } refused)
        {
            await errors.WriteLineAsync(refused);
            return StartupErrors.BadSettings;
        }

        if (storage.Provider == StorageProvider.Sqlite)
        {
            return await MigrateFileAsync(SiloStorage.SqlitePath(storage, builder.Environment), output, errors);
        }

        if (databases.Count == 0)
        {
            await errors.WriteLineAsync(
                $"There is nothing to migrate: {StorageOptions.SectionName}:Provider is Memory, and {ClusteringOptions.SectionName}:Provider is not PostgreSql.");
            return StartupErrors.BadSettings;
        }

        foreach (var (key, connectionString) in databases)
        {
            if (ConnectionStrings.PostgreSqlProblem(connectionString) is { } problem)
            {
                await errors.WriteLineAsync($"{key} {problem}");
                return StartupErrors.BadSettings;
            }

            try
            {
                await using var database = NpgsqlDataSource.Create(connectionString);
                var (before, after) = await Schema.MigrateAsync(database, CancellationToken.None);
                await output.WriteLineAsync(Done(before, after, key));
            }
            catch (NpgsqlException e)
            {
                await errors.WriteLineAsync(DatabaseErrors.Describe(e, key, connectionString));
                return StartupErrors.StorageUnusable;
            }
        }

        return 0;
    }

    // A start would do the same; a file that a running process has open is refused, and needs nothing.
    private static async Task<int> MigrateFileAsync(string path, TextWriter output, TextWriter errors)
    {
        try
        {
            using var file = SqliteFile.Open(new SqliteDatabaseOptions { Path = path }, TimeProvider.System);
            await using var connection = file.Connection;
            await output.WriteLineAsync(Done(file.Versions.Before, file.Versions.After, $"{StorageOptions.SectionName}:{nameof(StorageOptions.Path)}"));
            return 0;
        }
        catch (StorageUnavailableException e)
        {
            await errors.WriteLineAsync(SqliteErrors.Describe(e));
            return StartupErrors.StorageUnusable;
        }
    }

    private static string Done(int before, int after, string key) => before == after
        ? $"The schema has version {after}; there was nothing to do. ({key})"
        : $"The schema has version {after} now; it was {(before == 0 ? "not there" : before)}. ({key})";
}

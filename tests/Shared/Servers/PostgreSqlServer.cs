using System.Globalization;
using Npgsql;

namespace Switchboard.TestSupport.Servers;

/// <summary>A PostgreSQL server of this process's own, started when the first test asks for a database.</summary>
internal sealed class PostgreSqlServer
{
    private const string User = "switchboard";

    private static readonly Lock _gate = new();
    private static Task<PostgreSqlServer>? _shared;
    private static int _databases;

    private readonly string _server;

    private PostgreSqlServer(string server) => _server = server;

    /// <summary>Why there can be none; null: it can be started.</summary>
    public static string? Missing => Servers.Find("initdb") is null ? "needs PostgreSQL's server: initdb and postgres" : null;

    /// <summary>The connection string of a new and empty database.</summary>
    public static async Task<string> NewDatabaseAsync()
    {
        var server = await SharedAsync();
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        await using var database = NpgsqlDataSource.Create(server.Of("postgres"));
        await using var create = database.CreateCommand($"CREATE DATABASE {name}");
        await create.ExecuteNonQueryAsync();
        return server.Of(name);
    }

    /// <summary>Runs statements in a database.</summary>
    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Reads one value from a database.</summary>
    public static async Task<T> ReadAsync<T>(string connectionString, string sql)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static Task<PostgreSqlServer> SharedAsync()
    {
        lock (_gate)
        {
            return _shared ??= StartAsync();
        }
    }

    private static async Task<PostgreSqlServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("switchboard-pg-").FullName;
        var data = Path.Combine(folder, "data");
        var who = await UserAsync();
        if (who.Length > 0)
        {
            await Servers.RunAsync("chown", who[1], folder);
        }

        // No test asks what is left after the machine has lost its power.
        await Servers.RunAsync(
            [.. As(who), Servers.Find("initdb")!, "-D", data, "-U", User, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]);
        var port = FreePorts.Next().ToString(CultureInfo.InvariantCulture);
        var process = ServerProcess.Start(
            folder, "INT",
            [
                .. As(who), Servers.Find("postgres")!, "-D", data, "-p", port, "-k", folder, "-h", "127.0.0.1",
                "-c", "fsync=off", "-c", "max_connections=400", "-c", "shared_buffers=64MB",
            ]);
        var server = new PostgreSqlServer($"Host=127.0.0.1;Port={port};Username={User}");
        await Eventually.IsTrueAsync(() => AnswersAsync(server.Of("postgres")), () => $"PostgreSQL has not started: {process.Log}");
        return server;
    }

    private static async Task<bool> AnswersAsync(string connectionString)
    {
        try
        {
            await ExecuteAsync(connectionString, "SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    // It refuses to be root. Empty: this process is somebody else already.
    private static async Task<string[]> UserAsync()
    {
        if (await Servers.RunAsync("id", "-u") != "0")
        {
            return [];
        }

        var exists = await Servers.RunAsync("sh", "-c", "id -u postgres > /dev/null 2>&1 && echo postgres || echo nobody");
        return [exists, $"{exists}:{await Servers.RunAsync("id", "-gn", exists)}"];
    }

    private static string[] As(string[] who) =>
        who.Length == 0 ? [] : ["setpriv", $"--reuid={who[0]}", $"--regid={who[1].Split(':')[1]}", "--clear-groups"];

    // Pools of the tests' own programs are many; each is small.
    private string Of(string database) => $"{_server};Database={database};Maximum Pool Size=20";
}

/// <summary>A test that needs PostgreSQL's programs on this machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgreSqlFactAttribute : FactAttribute
{
    public PostgreSqlFactAttribute() => Skip = PostgreSqlServer.Missing;
}

/// <summary>The same with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgreSqlTheoryAttribute : TheoryAttribute
{
    public PostgreSqlTheoryAttribute() => Skip = PostgreSqlServer.Missing;
}

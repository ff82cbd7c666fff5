using System.Globalization;
using StackExchange.Redis;

namespace Switchboard.TestSupport.Servers;

/// <summary>A Redis server of this process's own, started when the first test asks for it.</summary>
internal static class RedisServer
{
    private static readonly Lock _gate = new();
    private static Task<string>? _shared;

    /// <summary>Why there can be none; null: it can be started.</summary>
    public static string? Missing => Servers.Find("redis-server") is null ? "needs redis-server" : null;

    /// <summary>The server's connection string. Its keys are shared: a test takes a cluster's name of its own.</summary>
    public static Task<string> ConnectionStringAsync()
    {
        lock (_gate)
        {
            return _shared ??= StartAsync();
        }
    }

    private static async Task<string> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("switchboard-redis-").FullName;
        var port = FreePorts.Next().ToString(CultureInfo.InvariantCulture);
        var process = ServerProcess.Start(
            folder, "TERM", Servers.Find("redis-server")!, "--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no");
        var server = $"127.0.0.1:{port}";
        await Eventually.IsTrueAsync(() => AnswersAsync(server), () => $"Redis has not started: {process.Log}");
        return server;
    }

    private static async Task<bool> AnswersAsync(string server)
    {
        try
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(server);
            return true;
        }
        catch (RedisConnectionException)
        {
            return false;
        }
    }
}

/// <summary>A test that needs Redis on this machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute() => Skip = RedisServer.Missing;
}

/// <summary>A test that needs Redis and PostgreSQL's programs on this machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AllServersTheoryAttribute : TheoryAttribute
{
    public AllServersTheoryAttribute() => Skip = RedisServer.Missing ?? PostgreSqlServer.Missing;
}

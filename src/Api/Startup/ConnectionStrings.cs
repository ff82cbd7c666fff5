using Npgsql;
using StackExchange.Redis;

namespace Switchboard.Api.Startup;

/// <summary>Checks connection strings. What is said of one never repeats it: it holds a password.</summary>
internal static class ConnectionStrings
{
    /// <summary>Returns what is wrong with a connection string for PostgreSQL; null: nothing.</summary>
    public static string? PostgreSqlProblem(string text)
    {
        const string Example = "as 'Host=db;Username=switchboard;Password=...;Database=switchboard'.";
        try
        {
            return new NpgsqlConnectionStringBuilder(text).Host is { Length: > 0 } ? null : $"names no Host; it must be one of PostgreSQL, {Example}";
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            return $"cannot be read; it must be one of PostgreSQL, {Example}";
        }
    }

    /// <summary>Returns what is wrong with a connection string for Redis; null: nothing.</summary>
    public static string? RedisProblem(string text)
    {
        const string Example = "as 'redis:6379,password=...'.";
        try
        {
            return ConfigurationOptions.Parse(text).EndPoints.Count > 0 ? null : $"names no host; it must be one of Redis, {Example}";
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return $"cannot be read; it must be one of Redis, {Example}";
        }
    }
}

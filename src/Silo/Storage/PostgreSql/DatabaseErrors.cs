using Npgsql;

namespace Switchboard.Silo.Storage.PostgreSql;

/// <summary>Says what is wrong with a database in one line, without what is secret in its connection string.</summary>
internal static class DatabaseErrors
{
    /// <param name="error">What Npgsql threw.</param>
    /// <param name="key">The setting that names the database.</param>
    /// <param name="connectionString">The setting's value.</param>
    public static string Describe(NpgsqlException error, string key, string connectionString)
    {
        var target = new NpgsqlConnectionStringBuilder(connectionString);
        var why = error is PostgresException refused ? refused.MessageText : error.InnerException?.Message ?? error.Message;
        return $"PostgreSQL at {target.Host}:{target.Port}, database '{target.Database}', cannot be used: {why} ({key})";
    }
}

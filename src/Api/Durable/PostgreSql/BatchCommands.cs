using Npgsql;

namespace Switchboard.Api.Durable.PostgreSql;

/// <summary>Builds commands of several statements, which go to the database in one round trip.</summary>
internal static class BatchCommands
{
    /// <summary>The maximum time of a command, in seconds.</summary>
    public const int Timeout = 5;

    public static NpgsqlBatch CreateBatch(this NpgsqlConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        var batch = new NpgsqlBatch(connection) { Timeout = Timeout };
        batch.Add(sql, values);
        return batch;
    }

    /// <summary>Adds a statement.</summary>
    /// <param name="batch">The command.</param>
    /// <param name="sql">The statement, with its parameters as $1, $2 and so on.</param>
    /// <param name="values">The parameters: values, or parameters where their type does not follow from them.</param>
    public static NpgsqlBatchCommand Add(this NpgsqlBatch batch, string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value });
        }

        batch.BatchCommands.Add(command);
        return command;
    }
}

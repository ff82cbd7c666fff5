using Microsoft.Data.Sqlite;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>Counts what is kept of all agents.</summary>
/// <param name="Changes">How often it has changed: of two readings, the one with more is the newer.</param>
/// <param name="Open">Requests that have not ended.</param>
/// <param name="Kept">All of them.</param>
/// <param name="Bytes">Their cost.</param>
internal sealed record RequestTotals(long Changes, long Open, long Kept, long Bytes);

/// <summary>
/// Changes the counters with the requests, in one transaction: what they say is what the tables hold, whenever the process ends. The cost of
/// open requests, with what is kept of their responses, counts for agent and tenant; that of all, for the storage.
/// </summary>
internal sealed class RequestCounters(SqliteConnection connection)
{
    /// <summary>Gets what this transaction's last change left; null: it has changed nothing.</summary>
    public RequestTotals? Totals { get; private set; }

    /// <summary>Reads what is kept of all agents.</summary>
    public static RequestTotals ReadTotals(SqliteConnection connection) => Totalled(connection.Statement(RequestSql.Total));

    /// <summary>Reads what is kept where a request of an agent is to be added: the open requests of the agent and of its tenant, and all.</summary>
    public (DurableUsage Agent, DurableUsage Tenant, DurableUsage Kept) ReadUsage(AgentKey agent)
    {
        using var row = connection.Statement(RequestSql.Use, ("$agent", agent.ToString()), ("$tenant", agent.Tenant)).ExecuteReader();
        row.Read();
        return (new(row.GetInt64(0), row.GetInt64(1)), new(row.GetInt64(2), row.GetInt64(3)), new(row.GetInt64(4), row.GetInt64(5)));
    }

    /// <summary>Adds an open request.</summary>
    /// <returns>Its number among those of its agent.</returns>
    public long Add(AgentKey agent, long cost)
    {
        var number = (long)connection.Statement(RequestSql.AddToAgent, ("$agent", agent.ToString()), ("$bytes", cost)).ExecuteScalar()!;
        connection.Execute(RequestSql.AddToTenant, ("$tenant", agent.Tenant), ("$bytes", cost));
        ChangeTotals(open: 1, kept: 1, cost);
        return number;
    }

    /// <summary>Changes the cost of an open request.</summary>
    public void Grow(AgentKey agent, long bytes)
    {
        ChangeOpen(agent, 0, bytes);
        ChangeTotals(open: 0, kept: 0, bytes);
    }

    /// <summary>Counts an open request as ended.</summary>
    /// <param name="agent">Its agent.</param>
    /// <param name="cost">Its cost while it was open.</param>
    /// <param name="ended">Its cost from now on.</param>
    public void End(AgentKey agent, long cost, long ended)
    {
        ChangeOpen(agent, -1, -cost);
        connection.Execute(RequestSql.DeleteTenant, ("$tenant", agent.Tenant));
        ChangeTotals(open: -1, kept: 0, ended - cost);
    }

    /// <summary>Removes an ended request.</summary>
    public void Forget(AgentKey agent, long cost)
    {
        ChangeAgent(agent, kept: -1, open: 0, bytes: 0);
        connection.Execute(RequestSql.DeleteAgent, ("$agent", agent.ToString()));
        ChangeTotals(open: 0, kept: -1, -cost);
    }

    private void ChangeOpen(AgentKey agent, int open, long bytes)
    {
        ChangeAgent(agent, kept: 0, open, bytes);
        connection.Execute(RequestSql.ChangeTenant, ("$tenant", agent.Tenant), ("$open", open), ("$bytes", bytes));
    }

    private void ChangeAgent(AgentKey agent, int kept, int open, long bytes) =>
        connection.Execute(RequestSql.ChangeAgent, ("$agent", agent.ToString()), ("$kept", kept), ("$open", open), ("$bytes", bytes));

    private void ChangeTotals(int open, int kept, long bytes) =>
        Totals = Totalled(connection.Statement(RequestSql.ChangeTotal, ("$open", open), ("$kept", kept), ("$bytes", bytes)));

    private static RequestTotals Totalled(SqliteCommand statement)
    {
        using var row = statement.ExecuteReader();
        row.Read();
        return new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
    }
}

using Switchboard.Core.Agents;

namespace Switchboard.Core.Requests;

/// <summary>
/// Counts the durable requests that a process keeps, and their cost in memory, and refuses a new one at a limit. Agents and tenants are
/// limited by their open requests; the process by all that are kept, with the ended ones and their responses. Thread-safe.
/// </summary>
/// <remarks>
/// An agent or a tenant without an open request is not kept, so there are never more of them than open requests. Whoever adds a request
/// calls <see cref="Remove"/> once, and between the two <see cref="End"/> at most once, with the same agent and bytes.
/// </remarks>
public sealed class DurableLedger
{
    private readonly DurableBounds _bounds;
    private readonly Lock _gate = new();
    private readonly Dictionary<AgentKey, DurableUsage> _agents = [];
    private readonly Dictionary<string, DurableUsage> _tenants = [];
    private DurableUsage _kept;
    private int _open;

    /// <summary>Initializes an empty ledger.</summary>
    public DurableLedger(DurableBounds bounds)
    {
        ArgumentNullException.ThrowIfNull(bounds);
        _bounds = bounds;
    }

    /// <summary>The number of open requests.</summary>
    public int Open
    {
        get
        {
            lock (_gate)
            {
                return _open;
            }
        }
    }

    /// <summary>The number of requests kept, open or ended.</summary>
    public int Kept
    {
        get
        {
            lock (_gate)
            {
                return (int)_kept.Count;
            }
        }
    }

    /// <summary>Their total cost, in bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _kept.Bytes;
            }
        }
    }

    /// <summary>The number of agents with an open request.</summary>
    public int Agents
    {
        get
        {
            lock (_gate)
            {
                return _agents.Count;
            }
        }
    }

    /// <summary>Adds a new request, unless it would exceed a limit. The narrowest limit is checked first.</summary>
    /// <param name="agent">Its agent.</param>
    /// <param name="bytes">Its cost.</param>
    /// <returns>Null: it was added. Otherwise the limit; nothing has changed.</returns>
    public DurableRefusal? TryAdd(AgentKey agent, long bytes)
    {
        lock (_gate)
        {
            if (Refusal(agent, bytes) is { } refusal)
            {
                return refusal;
            }

            Add(agent, bytes, open: true);
            return null;
        }
    }

    /// <summary>Adds one that was accepted before, whatever the limits: what was accepted is kept.</summary>
    public void Restore(AgentKey agent, long bytes, bool open)
    {
        lock (_gate)
        {
            Add(agent, bytes, open);
        }
    }

    /// <summary>
    /// Returns whether the process may keep so many more bytes of a response. Nothing is reserved: responses that arrive at the same moment
    /// may exceed the limit together, by one response for each thread.
    /// </summary>
    public bool HasRoomFor(long bytes)
    {
        lock (_gate)
        {
            return _kept.Bytes + bytes <= _bounds.Bytes;
        }
    }

    /// <summary>Records that an open request has ended, with its new cost.</summary>
    /// <param name="agent">Its agent.</param>
    /// <param name="bytes">Its cost while it was open.</param>
    /// <param name="ended">Its cost from now on.</param>
    public void End(AgentKey agent, long bytes, long ended)
    {
        lock (_gate)
        {
            Remove(agent, bytes, open: true);
            Add(agent, ended, open: false);
        }
    }

    /// <summary>Removes a request that is no longer in this process's memory.</summary>
    /// <param name="agent">Its agent.</param>
    /// <param name="bytes">Its cost.</param>
    /// <param name="open">Whether it was open.</param>
    public void Remove(AgentKey agent, long bytes, bool open)
    {
        lock (_gate)
        {
            _kept = _kept.Plus(-1, -bytes);
            if (!open)
            {
                return;
            }

            _open--;
            Count(_agents, agent, -1, -bytes);
            Count(_tenants, agent.Tenant, -1, -bytes);
        }
    }

    private void Add(AgentKey agent, long bytes, bool open)
    {
        _kept = _kept.Plus(1, bytes);
        if (!open)
        {
            return;
        }

        _open++;
        Count(_agents, agent, 1, bytes);
        Count(_tenants, agent.Tenant, 1, bytes);
    }

    private DurableRefusal? Refusal(AgentKey agent, long bytes) =>
        _bounds.Refusal(_agents.GetValueOrDefault(agent), _tenants.GetValueOrDefault(agent.Tenant), _kept, bytes);

    private static void Count<TKey>(Dictionary<TKey, DurableUsage> table, TKey key, int count, long bytes)
        where TKey : notnull
    {
        var held = table.GetValueOrDefault(key).Plus(count, bytes);
        if (held.Count > 0)
        {
            table[key] = held;
        }
        else
        {
            table.Remove(key);
        }
    }
}

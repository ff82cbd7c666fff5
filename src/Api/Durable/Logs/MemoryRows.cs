using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Requests;

namespace Switchboard.Api.Durable.Logs;

/// <summary>Represents one durable request in memory.</summary>
internal sealed class MemoryRow(LoggedRequest request, byte[] payload, long cost)
{
    public LoggedRequest Request { get; set; } = request;

    public byte[] Payload { get; set; } = payload;

    /// <summary>What the ledger counts for it, the response included.</summary>
    public long Cost { get; set; } = cost;

    /// <summary>The response's share of <see cref="Cost"/>.</summary>
    public long ResponseCost { get; set; }

    public IReadOnlyList<HeaderLine> Headers { get; set; } = [];

    public List<ReadOnlyMemory<byte>> Chunks { get; } = [];

    public ReadOnlyMemory<byte> Hash { get; set; }

    /// <summary>When it is forgotten, once it has ended.</summary>
    public DateTimeOffset ForgetAt { get; set; }
}

/// <summary>
/// Indexes durable requests in memory: by id, by agent and number, the queued ones, those that end next, those that are forgotten next, and
/// those that a front door has claimed. Not thread-safe.
/// </summary>
internal sealed class MemoryRows
{
    private readonly Dictionary<ulong, MemoryRow> _rows = [];
    private readonly SortedDictionary<string, AgentRows> _agents = new(StringComparer.Ordinal);
    private readonly SortedSet<MemoryRow> _open = new(Comparer<MemoryRow>.Create(static (a, b) => Compare(a.Request.ExpiresAt, b.Request.ExpiresAt, a, b)));
    private readonly SortedSet<MemoryRow> _ended = new(Comparer<MemoryRow>.Create(static (a, b) => Compare(a.ForgetAt, b.ForgetAt, a, b)));
    private readonly Dictionary<ushort, HashSet<MemoryRow>> _holders = [];

    public MemoryRow? Find(ulong id) => _rows.GetValueOrDefault(id);

    public MemoryRow? FirstOpen() => _open.Min;

    public MemoryRow? FirstEnded() => _ended.Min;

    /// <summary>Returns the open requests, those that expire first at the beginning.</summary>
    public IEnumerable<MemoryRow> Open() => _open;

    public long NextNumber(string agentKey) => (_agents.GetValueOrDefault(agentKey)?.LastNumber ?? 0) + 1;

    public void Add(MemoryRow row)
    {
        _rows.Add(row.Request.Id, row);
        if (!_agents.TryGetValue(row.Request.AgentKey, out var agent))
        {
            _agents.Add(row.Request.AgentKey, agent = new AgentRows());
        }

        agent.LastNumber = row.Request.Number;
        agent.All.Add(row.Request.Number, row);
        Enter(row);
    }

    public void Remove(MemoryRow row)
    {
        Leave(row);
        _rows.Remove(row.Request.Id);
        var agent = _agents[row.Request.AgentKey];
        agent.All.Remove(row.Request.Number);
        if (agent.All.Count == 0)
        {
            _agents.Remove(row.Request.AgentKey);
        }
    }

    public void Change(MemoryRow row, LoggedRequest next)
    {
        Leave(row);
        row.Request = next;
        Enter(row);
    }

    /// <summary>Returns the requests of an agent after a number, in the order of their numbers.</summary>
    public IEnumerable<MemoryRow> OfAgent(string agentKey, long after) =>
        _agents.TryGetValue(agentKey, out var agent) ? agent.After(after) : [];

    public QueuedRequests ReadQueued(string agentKey, int limit, long maxBytes, DateTimeOffset now)
    {
        List<QueuedRequest> found = [];
        TimeSpan? nextIn = null;
        var bytes = 0L;
        foreach (var row in _agents.GetValueOrDefault(agentKey)?.Queued.Values ?? Enumerable.Empty<MemoryRow>())
        {
            if (row.Request.ExpiresAt <= now)
            {
                continue;
            }

            if (row.Request.DueAt > now)
            {
                var due = row.Request.DueAt - now;
                nextIn = nextIn < due ? nextIn : due;
                continue;
            }

            if (found.Count == limit || (found.Count > 0 && bytes + row.Payload.Length > maxBytes))
            {
                return new QueuedRequests(found, More: true, nextIn);
            }

            found.Add(new QueuedRequest(row.Request, row.Payload));
            bytes += row.Payload.Length;
        }

        return new QueuedRequests(found, More: false, nextIn);
    }

    public IEnumerable<string> AgentsThatWait(string after) => _agents
        .Where(agent => string.CompareOrdinal(agent.Key, after) > 0 && agent.Value.Queued.Count > 0)
        .Select(agent => agent.Key);

    public IEnumerable<ushort> Holders() => _holders.Keys;

    public IEnumerable<MemoryRow> HeldBy(ushort frontDoor) => _holders.GetValueOrDefault(frontDoor) ?? [];

    private void Enter(MemoryRow row)
    {
        if (row.Request.State == LoggedState.Ended)
        {
            _ended.Add(row);
            return;
        }

        _open.Add(row);
        if (row.Request.State == LoggedState.Queued)
        {
            _agents[row.Request.AgentKey].Queued.Add(row.Request.Number, row);
            return;
        }

        if (!_holders.TryGetValue(row.Request.FrontDoor, out var held))
        {
            _holders.Add(row.Request.FrontDoor, held = []);
        }

        held.Add(row);
    }

    private void Leave(MemoryRow row)
    {
        if (row.Request.State == LoggedState.Ended)
        {
            _ended.Remove(row);
            return;
        }

        _open.Remove(row);
        if (row.Request.State == LoggedState.Queued)
        {
            _agents[row.Request.AgentKey].Queued.Remove(row.Request.Number);
        }
        else if (_holders.TryGetValue(row.Request.FrontDoor, out var held) && held.Remove(row) && held.Count == 0)
        {
            _holders.Remove(row.Request.FrontDoor);
        }
    }

    private static int Compare(DateTimeOffset one, DateTimeOffset other, MemoryRow a, MemoryRow b) =>
        one.CompareTo(other) is not 0 and var byTime ? byTime : a.Request.Id.CompareTo(b.Request.Id);

    private sealed class AgentRows
    {
        public long LastNumber { get; set; }

        /// <summary>All of them by number. Numbers only ever rise, so that adding is appending.</summary>
        public SortedList<long, MemoryRow> All { get; } = [];

        public SortedDictionary<long, MemoryRow> Queued { get; } = [];

        public IEnumerable<MemoryRow> After(long number)
        {
            var (low, high) = (0, All.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = All.GetKeyAtIndex(middle) <= number ? (middle + 1, high) : (low, middle);
            }

            for (var i = low; i < All.Count; i++)
            {
                yield return All.GetValueAtIndex(i);
            }
        }
    }
}

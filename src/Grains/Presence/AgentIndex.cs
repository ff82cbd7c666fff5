using Switchboard.Abstractions.Presence;

namespace Switchboard.Grains.Presence;

/// <summary>
/// Holds the agents of one shard, in ordinal order, limited in number and in bytes. Not thread-safe: a grain's turns are its lock. Beyond
/// either limit the offline agent that was seen longest ago is removed; if all are online, the online one, but never for an offline one.
/// Agents that have been offline for long are removed too.
/// </summary>
/// <param name="capacity">The maximum number of agents.</param>
/// <param name="capacityBytes">The maximum of bytes that they cost, by <see cref="CostOf"/>; one agent always fits.</param>
internal sealed class AgentIndex(int capacity, long capacityBytes)
{
    // The cost of an agent without labels: two records, an entry of the table, nodes of two trees, and the dictionary of its labels.
    private const int BytesPerAgent = 640;

    // An entry of that dictionary with two string objects, without their characters.
    private const int BytesPerLabel = 88;

    private readonly Dictionary<AgentName, AgentReport> _reports = [];
    private readonly SortedSet<AgentName> _order = [];
    private readonly SortedSet<(DateTimeOffset LastSeen, AgentName Name)> _offline = [];
    private readonly SortedSet<(DateTimeOffset LastSeen, AgentName Name)> _online = [];

    /// <summary>The number of agents.</summary>
    public int Count => _reports.Count;

    /// <summary>Their cost, in bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Estimates the memory that a report takes, in bytes.</summary>
    public static long CostOf(AgentReport report)
    {
        var chars = (long)report.Tenant.Length + report.AgentId.Length + report.SoftwareVersion.Length;
        foreach (var (key, value) in report.Labels)
        {
            chars += key.Length + value.Length;
        }

        return BytesPerAgent + (BytesPerLabel * report.Labels.Count) + (sizeof(char) * chars);
    }

    /// <summary>Removes agents that were last seen before a moment and are offline.</summary>
    /// <param name="before">The moment.</param>
    /// <param name="most">The maximum number to remove at once, so that a turn stays short.</param>
    /// <returns>The number of removed agents.</returns>
    public int Forget(DateTimeOffset before, int most)
    {
        var forgotten = 0;
        while (forgotten < most && _offline.Count > 0 && _offline.Min.LastSeen < before)
        {
            var name = _offline.Min.Name;
            Remove(name, _reports[name]);
            forgotten++;
        }

        return forgotten;
    }

    /// <summary>Adds a report, and returns the agents that had to be removed for it, or its own if there was no room.</summary>
    public IReadOnlyList<AgentReport> Report(AgentReport report)
    {
        var name = new AgentName(report.Tenant, report.AgentId);
        if (_reports.TryGetValue(name, out var known))
        {
            // Reports are calls of several front doors and overtake each other. Connect 1, connect 2, then the end of 1 is reported: an
            // older number is outdated. And within one connect, offline comes last: a late "online" of it is outdated.
            if (report.ConnectNumber < known.ConnectNumber)
            {
                return [];
            }

            // But where it was called offline because its front door was, and that one lives and has another number, it says so by that.
            if (report.ConnectNumber == known.ConnectNumber && report.Online && !known.Online && report.FrontDoor == known.FrontDoor)
            {
                return [];
            }

            if (report.LastSeen < known.LastSeen)
            {
                report = report with { LastSeen = known.LastSeen };
            }

            Remove(name, known);
        }

        var cost = CostOf(report);
        List<AgentReport> forgotten = [];
        while (_reports.Count > 0 && (_reports.Count >= capacity || Bytes + cost > capacityBytes))
        {
            if (!report.Online && _offline.Count == 0)
            {
                return [.. forgotten, report];
            }

            forgotten.Add(Evict());
        }

        _reports[name] = report;
        Bytes += cost;
        _order.Add(name);
        (report.Online ? _online : _offline).Add((report.LastSeen, name));
        return forgotten;
    }

    /// <summary>Notes that a front door is gone.</summary>
    /// <returns>The agents that were online there, and are offline now.</returns>
    public IReadOnlyList<AgentReport> FrontDoorGone(ushort frontDoor)
    {
        var gone = _online.Select(entry => _reports[entry.Name]).Where(report => report.FrontDoor == frontDoor).ToArray();
        foreach (var report in gone)
        {
            var name = new AgentName(report.Tenant, report.AgentId);
            _online.Remove((report.LastSeen, name));
            _offline.Add((report.LastSeen, name));
            _reports[name] = report with { Online = false };
        }

        return gone;
    }

    public AgentReport? Find(string tenant, string agentId) => _reports.GetValueOrDefault(new AgentName(tenant, agentId));

    /// <summary>Returns one page, in ordinal order of the ids.</summary>
    public AgentPage List(AgentQuery query)
    {
        var page = new List<AgentReport>();
        var more = false;
        var first = new AgentName(query.Tenant, query.After);
        if (_order.Count > 0 && _order.Max.CompareTo(first) >= 0)
        {
            foreach (var name in _order.GetViewBetween(first, _order.Max))
            {
                if (name.Tenant != query.Tenant)
                {
                    break;
                }

                var report = _reports[name];
                if (name == first || !Fits(report, query))
                {
                    continue;
                }

                more = page.Count == query.Limit;
                if (more)
                {
                    break;
                }

                page.Add(report);
            }
        }

        return new AgentPage { Agents = page, More = more };
    }

    private static bool Fits(AgentReport report, AgentQuery query) =>
        (query.Online is null || report.Online == query.Online)
        && query.Labels.All(l => report.Labels.TryGetValue(l.Key, out var value) && value == l.Value);

    private AgentReport Evict()
    {
        var name = (_offline.Count > 0 ? _offline : _online).Min.Name;
        var report = _reports[name];
        Remove(name, report);
        return report;
    }

    private void Remove(AgentName name, AgentReport report)
    {
        _reports.Remove(name);
        Bytes -= CostOf(report);
        _order.Remove(name);
        (report.Online ? _online : _offline).Remove((report.LastSeen, name));
    }

    private readonly record struct AgentName(string Tenant, string AgentId) : IComparable<AgentName>
    {
        public int CompareTo(AgentName other) =>
            string.CompareOrdinal(Tenant, other.Tenant) is var byTenant and not 0
                ? byTenant
                : string.CompareOrdinal(AgentId, other.AgentId);
    }
}

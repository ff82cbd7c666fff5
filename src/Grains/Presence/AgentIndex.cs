using Switchboard.Abstractions.Presence;

namespace Switchboard.Grains.Presence;

/// <summary>
/// The agents of one shard, in ordinal order, at most so many. Not thread-safe: a grain's turns are its lock. Past the capacity the
/// offline agent that was seen longest ago is forgotten; where all are online, the online one, but never for an offline one.
/// </summary>
internal sealed class AgentIndex(int capacity)
{
    private readonly Dictionary<AgentName, AgentReport> _reports = [];
    private readonly SortedSet<AgentName> _order = [];
    private readonly SortedSet<(DateTimeOffset LastSeen, AgentName Name)> _offline = [];
    private readonly SortedSet<(DateTimeOffset LastSeen, AgentName Name)> _online = [];

    public int Count => _reports.Count;

    /// <summary>Takes a report in, and returns the agent that had to be forgotten for it.</summary>
    public AgentReport? Report(AgentReport report)
    {
        var name = new AgentName(report.Tenant, report.AgentId);
        if (_reports.TryGetValue(name, out var known))
        {
            // Reports are calls of several front doors and overtake each other. Connect 1, connect 2, then the end of 1 is told: an
            // older number says nothing any more. And within one connect, offline comes last: a late "online" of it is old news.
            if (report.ConnectNumber < known.ConnectNumber)
                return null;
            if (report.ConnectNumber == known.ConnectNumber && report.Online && !known.Online)
                return null;
            if (report.LastSeen < known.LastSeen)
                report = report with { LastSeen = known.LastSeen };
            Remove(name, known);
        }

        if (_reports.Count >= capacity && !report.Online && _offline.Count == 0)
            return report;
        var forgotten = _reports.Count >= capacity ? Evict() : null;
        _reports[name] = report;
        _order.Add(name);
        (report.Online ? _online : _offline).Add((report.LastSeen, name));
        return forgotten;
    }

    public AgentReport? Find(string tenant, string agentId) => _reports.GetValueOrDefault(new AgentName(tenant, agentId));

    /// <summary>One page, in ordinal order of the ids.</summary>
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
                    break;
                var report = _reports[name];
                if (name == first || !Fits(report, query))
                    continue;
                more = page.Count == query.Limit;
                if (more)
                    break;
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

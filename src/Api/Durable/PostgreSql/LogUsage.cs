using Switchboard.Abstractions.Durable;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Durable.PostgreSql;

/// <summary>
/// Holds what the whole storage keeps, by tenant, as it was read from the agents' rows some seconds ago, and with what this process has changed
/// since. So the limits of tenants and of the storage hold exactly for one process, and may be exceeded in a cluster by what the others accept
/// in those seconds. Thread-safe.
/// </summary>
internal sealed class LogUsage(TimeProvider time)
{
    private static readonly TimeSpan _fresh = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, DurableUsage> _tenants = new(StringComparer.Ordinal);
    private DurableUsage _open;
    private DurableUsage _kept;
    private long? _readAt;

    public RequestLogCounts Counts
    {
        get
        {
            lock (_gate)
            {
                return new(_open.Count, Math.Max(0, _kept.Count - _open.Count), _kept.Bytes);
            }
        }
    }

    public DurableUsage Kept
    {
        get
        {
            lock (_gate)
            {
                return _kept;
            }
        }
    }

    /// <summary>Gets whether it is to be read again.</summary>
    public bool IsStale
    {
        get
        {
            lock (_gate)
            {
                return _readAt is not { } read || time.GetElapsedTime(read) > _fresh;
            }
        }
    }

    public DurableUsage OpenOf(string tenant)
    {
        lock (_gate)
        {
            return _tenants.GetValueOrDefault(tenant);
        }
    }

    /// <summary>Has it read again with the next transaction.</summary>
    public void Expire()
    {
        lock (_gate)
        {
            _readAt = null;
        }
    }

    /// <summary>Replaces all of it by what was read.</summary>
    public void Set(IReadOnlyList<(string Tenant, DurableUsage Open, DurableUsage Kept)> tenants)
    {
        lock (_gate)
        {
            _readAt = time.GetTimestamp();
            (_open, _kept) = (default, default);
            _tenants.Clear();
            foreach (var (tenant, open, kept) in tenants)
            {
                _kept = _kept.Plus(kept);
                AddOpen(tenant, open);
            }
        }
    }

    /// <summary>Adds what a transaction has changed.</summary>
    public void Add(IEnumerable<KeyValuePair<string, (DurableUsage Open, DurableUsage Kept)>> changes)
    {
        lock (_gate)
        {
            foreach (var (tenant, (open, kept)) in changes)
            {
                _kept = _kept.Plus(kept);
                AddOpen(tenant, open);
            }
        }
    }

    private void AddOpen(string tenant, DurableUsage open)
    {
        _open = _open.Plus(open);
        if (_tenants.GetValueOrDefault(tenant).Plus(open) is { Count: > 0 } sum)
        {
            _tenants[tenant] = sum;
        }
        else
        {
            _tenants.Remove(tenant);
        }
    }
}

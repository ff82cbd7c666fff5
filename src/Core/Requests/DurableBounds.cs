namespace Switchboard.Core.Requests;

/// <summary>Defines how many durable requests may be kept, and how many bytes of memory they may cost.</summary>
public sealed record DurableBounds
{
    /// <summary>The maximum number of open requests of one agent.</summary>
    public required int PerAgent { get; init; }

    /// <summary>The maximum cost of the open requests of one agent, in bytes; its first always passes.</summary>
    public required long BytesPerAgent { get; init; }

    /// <summary>The maximum number of open requests of one tenant.</summary>
    public required int PerTenant { get; init; }

    /// <summary>The maximum cost of the open requests of one tenant, in bytes; its first always passes.</summary>
    public required long BytesPerTenant { get; init; }

    /// <summary>The maximum number of requests that the process keeps, open or ended.</summary>
    public required int Requests { get; init; }

    /// <summary>The maximum cost of all requests that the process keeps, in bytes, responses included.</summary>
    public required long Bytes { get; init; }

    /// <summary>Returns the limit that a new request would exceed, the narrowest first; null: none.</summary>
    /// <param name="agent">The open requests of its agent.</param>
    /// <param name="tenant">The open requests of its tenant.</param>
    /// <param name="kept">All that are kept.</param>
    /// <param name="bytes">Its cost.</param>
    public DurableRefusal? Refusal(DurableUsage agent, DurableUsage tenant, DurableUsage kept, long bytes)
    {
        // The first of an agent or a tenant always passes the limit of bytes: a limit below the longest request would admit none.
        if (agent.Count >= PerAgent)
        {
            return new(DurableLimit.AgentRequests, PerAgent);
        }

        if (agent.Count > 0 && agent.Bytes + bytes > BytesPerAgent)
        {
            return new(DurableLimit.AgentBytes, BytesPerAgent);
        }

        if (tenant.Count >= PerTenant)
        {
            return new(DurableLimit.TenantRequests, PerTenant);
        }

        if (tenant.Count > 0 && tenant.Bytes + bytes > BytesPerTenant)
        {
            return new(DurableLimit.TenantBytes, BytesPerTenant);
        }

        if (kept.Count >= Requests)
        {
            return new(DurableLimit.ProcessRequests, Requests);
        }

        return kept.Bytes + bytes > Bytes ? new(DurableLimit.ProcessBytes, Bytes) : null;
    }
}

/// <summary>Counts durable requests, and their cost.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Bytes">Their cost, in bytes.</param>
public readonly record struct DurableUsage(long Count, long Bytes)
{
    /// <summary>Returns the sum with another.</summary>
    public DurableUsage Plus(DurableUsage other) => new(Count + other.Count, Bytes + other.Bytes);

    /// <summary>Returns the sum with so many requests of such a cost.</summary>
    public DurableUsage Plus(long count, long bytes) => new(Count + count, Bytes + bytes);
}

/// <summary>Specifies a limit of <see cref="DurableBounds"/>.</summary>
public enum DurableLimit
{
    /// <summary><see cref="DurableBounds.PerAgent"/>.</summary>
    AgentRequests = 0,

    /// <summary><see cref="DurableBounds.BytesPerAgent"/>.</summary>
    AgentBytes = 1,

    /// <summary><see cref="DurableBounds.PerTenant"/>.</summary>
    TenantRequests = 2,

    /// <summary><see cref="DurableBounds.BytesPerTenant"/>.</summary>
    TenantBytes = 3,

    /// <summary><see cref="DurableBounds.Requests"/>.</summary>
    ProcessRequests = 4,

    /// <summary><see cref="DurableBounds.Bytes"/>.</summary>
    ProcessBytes = 5,
}

/// <summary>Describes why a durable request was not admitted.</summary>
/// <param name="Limit">The limit that it would have exceeded.</param>
/// <param name="Value">The value of that limit.</param>
public readonly record struct DurableRefusal(DurableLimit Limit, long Value);

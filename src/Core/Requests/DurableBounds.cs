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
    /// <param name="use">What is kept without it.</param>
    /// <param name="bytes">Its cost.</param>
    public DurableRefusal? Refusal(in DurableUse use, long bytes)
    {
        if (use.AgentOpen >= PerAgent)
        {
            return new(DurableLimit.AgentRequests, PerAgent);
        }

        // The first of an agent or a tenant always passes the limit of bytes: a limit below the longest request would admit none.
        if (use.AgentOpen > 0 && use.AgentBytes + bytes > BytesPerAgent)
        {
            return new(DurableLimit.AgentBytes, BytesPerAgent);
        }

        if (use.TenantOpen >= PerTenant)
        {
            return new(DurableLimit.TenantRequests, PerTenant);
        }

        if (use.TenantOpen > 0 && use.TenantBytes + bytes > BytesPerTenant)
        {
            return new(DurableLimit.TenantBytes, BytesPerTenant);
        }

        if (use.Kept >= Requests)
        {
            return new(DurableLimit.ProcessRequests, Requests);
        }

        return HasRoomFor(use.Bytes, bytes) ? null : new(DurableLimit.ProcessBytes, Bytes);
    }

    /// <summary>Returns whether so many more bytes may be kept beside those that are.</summary>
    public bool HasRoomFor(long kept, long bytes) => kept + bytes <= Bytes;
}

/// <summary>Counts what is kept, where a new request is to be added.</summary>
/// <param name="AgentOpen">Open requests of its agent.</param>
/// <param name="AgentBytes">Their cost, in bytes.</param>
/// <param name="TenantOpen">Open requests of its tenant.</param>
/// <param name="TenantBytes">Their cost, in bytes.</param>
/// <param name="Kept">All requests, open or ended.</param>
/// <param name="Bytes">Their cost, in bytes, responses included.</param>
public readonly record struct DurableUse(long AgentOpen, long AgentBytes, long TenantOpen, long TenantBytes, long Kept, long Bytes);

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

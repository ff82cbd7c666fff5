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

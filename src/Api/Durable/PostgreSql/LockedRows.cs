using Switchboard.Abstractions.Durable;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Durable.PostgreSql;

/// <summary>Represents an agent's row, locked by the transaction that is under way.</summary>
internal sealed class LockedAgent(string key, string tenant)
{
    public string Key { get; } = key;

    public string Tenant { get; } = tenant;

    public long LastNumber { get; set; }

    /// <summary>Its open requests.</summary>
    public DurableUsage Open { get; set; }

    /// <summary>Its requests, open or ended.</summary>
    public DurableUsage Kept { get; set; }

    /// <summary>Whether it is to be written.</summary>
    public bool Changed { get; set; }
}

/// <summary>Represents a request's row, locked or about to be added by the transaction that is under way, with its changes.</summary>
internal sealed class LockedRequest(LoggedRequest request)
{
    public LoggedRequest Request { get; set; } = request;

    /// <summary>What it is added with; null: it was there.</summary>
    public NewRequest? Added { get; init; }

    public long PayloadBytes { get; set; }

    public ReadOnlyMemory<byte> Hash { get; set; }

    /// <summary>The response's headers (<see cref="StoredText"/>), if they change.</summary>
    public byte[]? Headers { get; set; }

    /// <summary>The parts of the response that came.</summary>
    public int Parts { get; set; }

    /// <summary>Those of them that have bytes, which are numbered on their own.</summary>
    public int Chunks { get; set; }

    public long ResponseCost { get; set; }

    public long Cost => DurableCost.OfOpen(PayloadBytes) + ResponseCost;

    /// <summary>Whether it is to be written.</summary>
    public bool Changed { get; set; }

    /// <summary>Whether it is to be removed.</summary>
    public bool Removed { get; set; }

    /// <summary>Whether the chunks that are stored are to be removed.</summary>
    public bool ChunksDropped { get; set; }

    /// <summary>Chunks to be stored, by number.</summary>
    public List<(int Number, byte[] Body)> NewChunks { get; } = [];
}

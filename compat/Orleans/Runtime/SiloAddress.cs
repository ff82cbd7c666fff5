using System.Net;

namespace Orleans.Runtime;

/// <summary>The address of a silo.</summary>
[Immutable]
public sealed class SiloAddress : IEquatable<SiloAddress>
{
    private SiloAddress(IPEndPoint endpoint, int generation) => (Endpoint, Generation) = (endpoint, generation);

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>Which of those that listened there.</summary>
    public int Generation { get; }

    /// <summary>From its parts.</summary>
    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    /// <inheritdoc />
    public bool Equals(SiloAddress? other) => other is not null && Endpoint.Equals(other.Endpoint) && Generation == other.Generation;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as SiloAddress);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Endpoint, Generation);

    /// <inheritdoc />
    public override string ToString() => $"S{Endpoint}:{Generation}";
}

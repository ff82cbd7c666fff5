namespace Orleans.Runtime;

/// <summary>
/// The address of a grain or an observer. <see cref="ProxyEmitter"/> makes a subclass for each interface. Equal where the
/// id is equal, whichever the interface.
/// </summary>
public class GrainReference : IAddressable, IEquatable<GrainReference>
{
    // Who answered last: saves the look-up. It may be gone; then it refuses and the look-up is made.
    private volatile TurnHost? _lastHost;

    internal GrainReference(GrainRuntime runtime, GrainId id, Type interfaceType)
        => (Runtime, GrainId, InterfaceType) = (runtime, id, interfaceType);

    /// <summary>Which grain.</summary>
    public GrainId GrainId { get; }

    internal GrainRuntime Runtime { get; }

    internal Type InterfaceType { get; }

    internal TurnHost? LastHost
    {
        get => _lastHost;
        set => _lastHost = value;
    }

    public bool Equals(GrainReference? other) => other is not null && GrainId.Equals(other.GrainId);

    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    public override int GetHashCode() => GrainId.GetHashCode();

    public sealed override string ToString() => $"GrainReference:{GrainId}:{InterfaceType.FullName}";

    /// <summary>The same grain.</summary>
    public static bool operator ==(GrainReference? reference1, GrainReference? reference2)
        => reference1 is null ? reference2 is null : reference1.Equals(reference2);

    /// <summary>Another grain.</summary>
    public static bool operator !=(GrainReference? reference1, GrainReference? reference2) => !(reference1 == reference2);

    internal GrainReference As(Type interfaceType)
        => interfaceType.IsInstanceOfType(this) ? this : ProxyEmitter.Create(interfaceType, Runtime, GrainId);
}

namespace Orleans.Serialization;

/// <summary>One copying of a graph of objects: what is met twice is copied once, so that shared and circular references stay so.</summary>
internal sealed class CopyContext
{
    private Dictionary<object, object>? _copies;

    public bool TryGetCopy(object original, out object? copy)
    {
        copy = null;
        return _copies is not null && _copies.TryGetValue(original, out copy);
    }

    public void Record(object original, object copy)
        => (_copies ??= new(ReferenceEqualityComparer.Instance)).Add(original, copy);
}

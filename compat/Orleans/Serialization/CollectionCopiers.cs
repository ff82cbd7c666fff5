using System.Collections.Immutable;

namespace Orleans.Serialization;

/// <summary>The collections that can be sent.</summary>
internal static class CollectionCopiers
{
    private static readonly Dictionary<Type, Type> s_byDefinition = new()
    {
        [typeof(List<>)] = typeof(ListCopier<>),
        [typeof(Dictionary<,>)] = typeof(DictionaryCopier<,>),
        [typeof(HashSet<>)] = typeof(HashSetCopier<>),
        [typeof(ImmutableArray<>)] = typeof(ImmutableArrayCopier<>),
        [typeof(ReadOnlyMemory<>)] = typeof(ReadOnlyMemoryCopier<>),
    };

    public static Type? Find(Type definition) => s_byDefinition.GetValueOrDefault(definition);
}

/// <summary>A collection that may be met again while its elements are copied.</summary>
internal abstract class CollectionCopier<TCollection> : Copier<TCollection>
    where TCollection : class
{
    public sealed override TCollection Copy(TCollection value, CopyContext context)
    {
        if (value is null)
        {
            return value!;
        }

        if (context.TryGetCopy(value, out var known))
        {
            return (TCollection)known!;
        }

        var copy = Create(value);
        context.Record(value, copy);
        Fill(value, copy, context);
        return copy;
    }

    protected abstract TCollection Create(TCollection original);

    protected abstract void Fill(TCollection original, TCollection copy, CopyContext context);
}

internal sealed class ArrayCopier<T> : CollectionCopier<T[]>
{
    protected override T[] Create(T[] original) => original.Length == 0 ? original : new T[original.Length];

    protected override void Fill(T[] original, T[] copy, CopyContext context)
    {
        if (ShallowTypes.Contains(typeof(T)))
        {
            original.CopyTo(copy, 0);
            return;
        }

        for (var i = 0; i < original.Length; i++)
        {
            copy[i] = Copiers.CopyMember(original[i], context);
        }
    }
}

internal sealed class ListCopier<T> : CollectionCopier<List<T>>
{
    protected override List<T> Create(List<T> original) => new(original.Count);

    protected override void Fill(List<T> original, List<T> copy, CopyContext context)
        => copy.AddRange(original.Select(item => Copiers.CopyMember(item, context)));
}

internal sealed class DictionaryCopier<TKey, TValue> : CollectionCopier<Dictionary<TKey, TValue>>
    where TKey : notnull
{
    protected override Dictionary<TKey, TValue> Create(Dictionary<TKey, TValue> original) => new(original.Count, original.Comparer);

    protected override void Fill(Dictionary<TKey, TValue> original, Dictionary<TKey, TValue> copy, CopyContext context)
    {
        foreach (var (key, value) in original)
        {
            copy.Add(Copiers.CopyMember(key, context), Copiers.CopyMember(value, context));
        }
    }
}

internal sealed class HashSetCopier<T> : CollectionCopier<HashSet<T>>
{
    protected override HashSet<T> Create(HashSet<T> original) => new(original.Count, original.Comparer);

    protected override void Fill(HashSet<T> original, HashSet<T> copy, CopyContext context)
        => copy.UnionWith(original.Select(item => Copiers.CopyMember(item, context)));
}

internal sealed class ImmutableArrayCopier<T> : Copier<ImmutableArray<T>>
{
    public override ImmutableArray<T> Copy(ImmutableArray<T> value, CopyContext context)
        => value.IsDefaultOrEmpty || ShallowTypes.Contains(typeof(T))
            ? value
            : ImmutableArray.CreateRange(value, item => Copiers.CopyMember(item, context));
}

internal sealed class ReadOnlyMemoryCopier<T> : Copier<ReadOnlyMemory<T>>
{
    public override ReadOnlyMemory<T> Copy(ReadOnlyMemory<T> value, CopyContext context)
        => value.IsEmpty ? value : Copiers.CopyMember(value.ToArray(), context);
}

/// <summary>A grain that sends itself sends a reference.</summary>
internal sealed class GrainCopier<T> : Copier<T>
{
    public override T Copy(T value, CopyContext context)
        => ((IGrainBase)value!).GrainContext.GrainReference is T reference
            ? reference
            : throw new CodecNotFoundException($"A grain cannot be sent: send {typeof(T).Name} as a reference, this.AsReference<I>().");
}

/// <summary>Copies list-like objects of classes that are not known by what they were declared as.</summary>
internal static class InterfaceCopier
{
    public static Copier? TryMake(Type declared)
    {
        var isList = declared.IsInterface && declared.IsGenericType && declared.GetGenericArguments() is [var item]
            && declared.IsAssignableFrom(typeof(List<>).MakeGenericType(item));
        return isList ? (Copier)Activator.CreateInstance(typeof(AsList<>).MakeGenericType(declared.GetGenericArguments()))! : null;
    }

    private sealed class AsList<T> : Copier
    {
        public override object? CopyObject(object? value, CopyContext context)
            => ((IEnumerable<T>)value!).Select(item => Copiers.CopyMember(item, context)).ToList();
    }
}

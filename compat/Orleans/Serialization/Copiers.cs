using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>Finds the copier of a type. What the real serializer has no copier for is refused in the same way.</summary>
internal static class Copiers
{
    private static readonly ConcurrentDictionary<Type, Copier> s_exact = new();

    /// <summary>A copy that shares nothing which can change. CodecNotFoundException: a value cannot be sent.</summary>
    public static T Copy<T>(T value) => Of<T>.Member is ShallowCopier<T> ? value : Of<T>.Member.Copy(value, new CopyContext());

    /// <summary>Copies a part of something: called by emitted code.</summary>
    public static T CopyMember<T>(T value, CopyContext context) => Of<T>.Member.Copy(value, context);

    /// <summary>The copier of a value whose own type may differ from the declared one.</summary>
    public static Copier OfValue(object value, Type declared)
    {
        var type = value.GetType();
        if (value is GrainReference)
        {
            return s_exact.GetOrAdd(type, static type => Build(typeof(ShallowCopier<>), type));
        }

        if (value is IGrainObserver && typeof(IAddressable).IsAssignableFrom(declared))
        {
            throw new NotSupportedException(
                $"IGrainObserver parameters must be GrainReference or Grain and cannot be type {type}. Did you forget to CreateObjectReference?");
        }

        var found = s_exact.GetOrAdd(type, Make);
        // A list-like object of an unknown class (a collection expression makes such) is copied as what it was declared to be.
        return found.GetType().GetGenericTypeDefinition() == typeof(MissingCopier<>) && InterfaceCopier.TryMake(declared) is { } byInterface
            ? byInterface
            : found;
    }

    public static string MissingMessage(Type type)
        => $"Could not find a copier for type {type}: mark it with [GenerateSerializer], and each of its members with [Id].";

    private static Copier Make(Type type)
    {
        if (ShallowTypes.Contains(type) || type.IsDefined(typeof(ImmutableAttribute), inherit: false))
        {
            return Build(typeof(ShallowCopier<>), type);
        }

        if (type.IsArray)
        {
            return type.IsSZArray ? Build(typeof(ArrayCopier<>), type.GetElementType()!) : Missing(type);
        }

        if (type.IsGenericType && CollectionCopiers.Find(type.GetGenericTypeDefinition()) is { } collection)
        {
            return Build(collection, type.GetGenericArguments());
        }

        if (typeof(IGrainBase).IsAssignableFrom(type))
        {
            return Build(typeof(GrainCopier<>), type);
        }

        if (type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false) || SerializableMembers.IsBareTuple(type))
        {
            return Build(typeof(MemberwiseCopier<>), type);
        }

        return Missing(type);
    }

    private static Copier Missing(Type type)
        => (Copier)Activator.CreateInstance(typeof(MissingCopier<>).MakeGenericType(type), MissingMessage(type))!;

    private static Copier Build(Type definition, params Type[] arguments)
    {
        try
        {
            return (Copier)Activator.CreateInstance(definition.MakeGenericType(arguments))!;
        }
        catch (TargetInvocationException wrapped) when (wrapped.InnerException is CodecNotFoundException inner)
        {
            throw new CodecNotFoundException(inner.Message);
        }
    }

    /// <summary>The copier of what is declared to be a <typeparamref name="T"/>: exact where nothing can derive from it.</summary>
    internal static class Of<T>
    {
        private static Copier<T>? _member;

        public static Copier<T> Member => _member ??= MakeMember();

        private static Copier<T> MakeMember()
        {
            if (ShallowTypes.Contains(typeof(T)))
            {
                return new ShallowCopier<T>();
            }

            return typeof(T).IsSealed || typeof(T).IsValueType ? (Copier<T>)s_exact.GetOrAdd(typeof(T), Make) : new DynamicCopier<T>();
        }
    }
}

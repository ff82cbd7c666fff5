using System.Collections.Concurrent;

namespace Orleans.Serialization;

/// <summary>Says of a declared type whether its values can be sent, before there is one.</summary>
internal static class SendableTypes
{
    private static readonly ConcurrentDictionary<Type, string?> s_known = new();

    /// <summary>Null: they can, or only the value itself will tell (an interface, an object).</summary>
    public static string? WhyNot(Type type)
    {
        if (s_known.TryGetValue(type, out var known))
        {
            return known;
        }

        // Known as good while its members are looked at: a type may contain itself.
        s_known[type] = null;
        return s_known[type] = Judge(type);
    }

    private static string? Judge(Type type)
    {
        if (type.IsByRef || type.IsInterface || type.IsAbstract || type == typeof(object) || ShallowTypes.Contains(type)
            || type.IsDefined(typeof(ImmutableAttribute), inherit: false))
        {
            return type.IsGenericType ? FirstOf(type.GetGenericArguments()) : null;
        }

        if (type.IsArray)
        {
            return WhyNot(type.GetElementType()!);
        }

        if (type.IsGenericType && CollectionCopiers.Find(type.GetGenericTypeDefinition()) is not null)
        {
            return FirstOf(type.GetGenericArguments());
        }

        if (!type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false) && !SerializableMembers.IsBareTuple(type))
        {
            return Copiers.MissingMessage(type);
        }

        try
        {
            return FirstOf(SerializableMembers.Of(type).Select(field => field.FieldType));
        }
        catch (CodecNotFoundException exception)
        {
            return exception.Message;
        }
    }

    private static string? FirstOf(IEnumerable<Type> types) => types.Select(WhyNot).FirstOrDefault(why => why is not null);
}

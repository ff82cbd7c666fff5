using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Reflection;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>Types whose values need no copy: nothing in them can change. The rule is the real serializer's.</summary>
internal static class ShallowTypes
{
    private static readonly ConcurrentDictionary<Type, bool> s_known = new(new[]
    {
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan),
        typeof(Guid), typeof(CancellationToken), typeof(Uri), typeof(Version), typeof(IPAddress), typeof(IPEndPoint), typeof(CultureInfo),
        typeof(BigInteger), typeof(Int128), typeof(UInt128), typeof(Half), typeof(GrainId), typeof(GrainType), typeof(IdSpan),
        typeof(Nothing),
    }.Select(type => KeyValuePair.Create(type, true)));

    public static bool Contains(Type type) => s_known.TryGetValue(type, out var shallow) ? shallow : s_known.GetOrAdd(type, Judge(type));

    private static bool Judge(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || (type.IsSealed && type.IsDefined(typeof(ImmutableAttribute), inherit: false)))
        {
            return true;
        }

        if (type.IsConstructedGenericType && type.FullName!.StartsWith("System.Tuple`", StringComparison.Ordinal))
        {
            return Array.TrueForAll(type.GenericTypeArguments, Contains);
        }

        if (type.IsValueType && !type.IsGenericTypeDefinition)
        {
            var fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
            return Array.TrueForAll(fields, field => Contains(field.FieldType));
        }

        return typeof(Exception).IsAssignableFrom(type) || typeof(Type).IsAssignableFrom(type)
            || typeof(GrainReference).IsAssignableFrom(type);
    }
}

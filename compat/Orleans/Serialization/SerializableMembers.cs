using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>Which fields of a type are sent: those with an <see cref="IdAttribute"/>, in the whole chain of its bases.</summary>
internal static class SerializableMembers
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Types of the framework whose fields are all sent.</summary>
    public static bool IsBareTuple(Type type)
        => type is { IsValueType: true, IsGenericType: true }
            && (type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal)
                || type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>) || type.GetGenericTypeDefinition() == typeof(Nullable<>));

    /// <summary>
    /// CodecNotFoundException: a member carries no id, or a base cannot be sent. The real analyzer refuses that (ORLEANS0004).
    /// </summary>
    public static List<FieldInfo> Of(Type type)
    {
        if (IsBareTuple(type))
        {
            return [.. type.GetFields(Declared)];
        }

        var fields = new List<FieldInfo>();
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
        {
            if (!level.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
            {
                throw new CodecNotFoundException(
                    $"Could not find a copier for type {level}, the base of {type}: mark it with [GenerateSerializer].");
            }

            fields.AddRange(OfLevel(level));
        }

        return fields;
    }

    private static IEnumerable<FieldInfo> OfLevel(Type type)
    {
        var implicitly = PrimaryConstructorParameters(type);
        foreach (var field in type.GetFields(Declared))
        {
            var property = field.Name.StartsWith('<') && field.Name.EndsWith(">k__BackingField", StringComparison.Ordinal)
                ? type.GetProperty(field.Name[1..^16], Declared)
                : null;
            if (field.IsDefined(typeof(IdAttribute)) || property?.IsDefined(typeof(IdAttribute)) == true
                || (property is not null && implicitly.Contains(property.Name)))
            {
                yield return field;
            }
            else if (!field.IsDefined(typeof(NonSerializedAttribute))
                && (property is not null || !field.IsDefined(typeof(CompilerGeneratedAttribute))))
            {
                throw new CodecNotFoundException(
                    $"{property?.Name ?? field.Name} of {type} has neither [Id] nor [NonSerialized]:"
                    + " it would be lost between grains (ORLEANS0004).");
            }
        }
    }

    /// <summary>A record's primary constructor gives its members their ids; another's only when the attribute says so.</summary>
    private static HashSet<string> PrimaryConstructorParameters(Type type)
    {
        var isRecord = type.GetMethod("<Clone>$") is not null || (type.IsValueType && type.GetMethod("PrintMembers", Declared) is not null);
        var asked = type.GetCustomAttribute<GenerateSerializerAttribute>()?.IncludePrimaryConstructorParameters == true;
        if (!isRecord && !asked)
        {
            return [];
        }

        var names = type.GetConstructors(Declared)
            .Select(constructor => constructor.GetParameters())
            .Where(parameters => parameters.Length > 0
                && Array.TrueForAll(parameters, p => type.GetProperty(p.Name!, Declared)?.PropertyType == p.ParameterType))
            .MaxBy(parameters => parameters.Length);
        return [.. names?.Select(p => p.Name!) ?? []];
    }
}

using System.Globalization;
using System.Reflection;
using Orleans.CodeGeneration;
using Switchboard.Abstractions;

namespace Switchboard.Architecture.Tests.Shapes;

/// <summary>
/// What two processes of a cluster have to agree on, a line for each part: grain and observer interfaces with their methods, messages and
/// states with the ids and types of their properties, enumerations with their numbers.
/// </summary>
internal static class ClusterShape
{
    private static readonly Dictionary<Type, string> _keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(string)] = "string",
        [typeof(void)] = "void",
    };

    /// <summary>Reads the shape of this build, in order.</summary>
    public static IReadOnlyList<string> Read()
    {
        var types = typeof(Names).Assembly.GetExportedTypes();
        var interfaces = types.Where(static t => t.IsInterface && typeof(IAddressable).IsAssignableFrom(t)).ToList();
        var messages = types.Where(static t => !t.IsEnum && t.IsDefined(typeof(GenerateSerializerAttribute))).ToList();
        var used = messages.SelectMany(static t => Properties(t).Select(static p => p.PropertyType))
            .Concat(interfaces.SelectMany(static t => t.GetMethods()).SelectMany(static m => m.GetParameters().Select(static p => p.ParameterType).Append(m.ReturnType)));
        var enums = used.SelectMany(Parts).Where(static t => t.IsEnum).Distinct();
        return [.. interfaces.SelectMany(Interface).Concat(messages.SelectMany(Message)).Concat(enums.SelectMany(Enumeration)).Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Interface(Type type)
    {
        // Observers have none: they live no longer than their process.
        if (type.GetCustomAttribute<VersionAttribute>() is { } version)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{Name(type)} version {version.Version}");
        }

        foreach (var method in type.GetMethods())
        {
            var parameters = method.GetParameters().Select(static p => Name(p.ParameterType));
            yield return $"{Name(type)} method {method.GetCustomAttribute<AliasAttribute>()!.Alias}({string.Join(", ", parameters)}) {Name(method.ReturnType)}";
        }
    }

    private static IEnumerable<string> Message(Type type) => Properties(type).Select(p => string.Create(
        CultureInfo.InvariantCulture, $"{Name(type)} id {p.GetCustomAttribute<IdAttribute>()!.Id}: {Name(p.PropertyType)} {p.Name}"));

    private static IEnumerable<string> Enumeration(Type type) => Enum.GetValues(type).Cast<object>().Select(value => string.Create(
        CultureInfo.InvariantCulture, $"{Name(type)} {Name(Enum.GetUnderlyingType(type))} {Convert.ToInt64(value, CultureInfo.InvariantCulture)}: {value}"));

    private static IEnumerable<PropertyInfo> Properties(Type type) => type
        .GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly).Where(static p => p.IsDefined(typeof(IdAttribute)));

    private static IEnumerable<Type> Parts(Type type) =>
        type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts) : type.IsArray ? Parts(type.GetElementType()!) : [type];

    private static string Name(Type type)
    {
        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!)}[]";
        }

        if (type.IsGenericType)
        {
            return $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
        }

        return _keywords.GetValueOrDefault(type) ?? type.GetCustomAttribute<AliasAttribute>()?.Alias ?? type.FullName!;
    }
}

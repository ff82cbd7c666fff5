using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Switchboard.Abstractions;

namespace Switchboard.Api.Hosting;

/// <summary>
/// Fills an options object from its section and returns all errors: unknown keys, values that cannot be read, values out of range. Each
/// error names the key, the value and what is valid. The binder of Microsoft.Extensions converts single values here; for a whole section it
/// would stop at the first error, and it reads a bare <c>10</c> as ten days (docs/packages.md).
/// </summary>
internal static class SectionReader
{
    public static List<string> Read(IConfigurationSection section, object target)
    {
        List<string> problems = [];
        var properties = SettableProperties(target.GetType());
        foreach (var child in section.GetChildren())
        {
            var property = properties.FirstOrDefault(p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is not null && ElementOf(property.PropertyType) is { } element)
            {
                property.SetValue(target, ReadList(child, element, problems));
            }
            else if (property is null)
            {
                problems.Add(Unknown(section, child, properties));
            }
            else if (TryConvert(child, property.PropertyType, out var value, out var expected))
            {
                property.SetValue(target, value);
            }
            else
            {
                var range = property.GetCustomAttribute<RangeAttribute>();
                var bound = range is null ? "" : ", " + Bound(range, child.Key);
                problems.Add($"{child.Path} is '{child.Value}'; it must be {expected}{bound}.");
            }
        }

        return problems;
    }

    public static List<string> Check(string section, object options)
    {
        List<string> problems = [];
        foreach (var property in SettableProperties(options.GetType()))
        {
            var value = property.GetValue(options);
            foreach (var attribute in property.GetCustomAttributes<ValidationAttribute>().Where(a => !a.IsValid(value)))
            {
                problems.Add($"{section}:{property.Name} is '{Show(value)}'; it must be {Bound(attribute, property.Name)}.");
            }
        }

        if (options is IValidatableObject validatable)
        {
            problems.AddRange(validatable.Validate(new ValidationContext(options)).Select(r => $"{section}: {r.ErrorMessage}"));
        }

        return problems;
    }

    // A list of sections, as the children 0, 1, 2, ... of one.
    private static Type? ElementOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
            && type.GetGenericArguments()[0] is { IsClass: true } element && element != typeof(string)
            ? element
            : null;

    private static Array ReadList(IConfigurationSection section, Type element, List<string> problems)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            problems.Add($"{section.Path} is '{section.Value}'; it must be a list.");
        }

        var children = section.GetChildren().ToList();
        var list = Array.CreateInstance(element, children.Count);
        for (var i = 0; i < children.Count; i++)
        {
            var item = Activator.CreateInstance(element)!;
            problems.AddRange(Read(children[i], item));
            list.SetValue(item, i);
        }

        return list;
    }

    private static string Unknown(IConfigurationSection section, IConfigurationSection child, PropertyInfo[] properties) =>
        properties.FirstOrDefault(p => child.Key.Equals(p.GetCustomAttribute<FormerNameAttribute>()?.Name, StringComparison.OrdinalIgnoreCase)) is { } renamed
            ? $"{child.Path} is called {section.Path}:{renamed.Name} now."
            : $"{child.Path} is not a setting; {section.Path} has {string.Join(", ", properties.Select(static p => p.Name))}.";

    private static PropertyInfo[] SettableProperties(Type type)
        => [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.SetMethod is { IsPublic: true })];

    // One value at a time, because the binder stops at the first that it cannot read.
    private static bool TryConvert(IConfigurationSection child, Type type, out object? value, out string expected)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        expected = Describe(type);
        if (type == typeof(TimeSpan))
        {
            var read = Durations.TryParse(child.Value, out var duration);
            value = duration;
            return read;
        }

        try
        {
            value = child.Get(type) ?? (type == typeof(string) ? "" : null);
            return value is not null;
        }
        catch (InvalidOperationException)
        {
            value = null;
            return false;
        }
    }

    private static string Describe(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => "true or false",
        TypeCode.Byte or TypeCode.UInt16 or TypeCode.UInt32 or TypeCode.Int32 or TypeCode.Int64 or TypeCode.UInt64 when !type.IsEnum
            => "a whole number",
        TypeCode.Double or TypeCode.Single => "a number",
        _ when type.IsEnum => "one of " + string.Join(", ", Enum.GetNames(type)),
        _ when type == typeof(TimeSpan) => "a time with its unit, as 500ms, 10s, 5m, 1h, 7d, or as hours:minutes:seconds",
        _ => $"a {type.Name}",
    };

    private static string Bound(ValidationAttribute attribute, string name) => attribute switch
    {
        RangeAttribute range => string.Create(CultureInfo.InvariantCulture, $"from {range.Minimum} to {range.Maximum}"),
        RequiredAttribute => "set",
        _ => attribute.FormatErrorMessage(name),
    };

    private static string Show(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}

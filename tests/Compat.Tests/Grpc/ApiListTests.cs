using System.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Net.Client;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>
/// api.txt beside this file is what of the gRPC packages this repository may use. The stand-in declares exactly that; the real packages
/// declare all of it, and more. So the stand-in can have nothing that the real ones lack.
/// </summary>
public sealed class ApiListTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Fact]
    public void The_packages_declare_what_the_list_says()
    {
        var listed = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "api.txt")).Where(line => line.Length > 0).ToList();
        Assembly[] assemblies =
        [
            .. new[] { typeof(Status), typeof(GrpcChannel), typeof(GrpcServiceOptions) }.Select(t => t.Assembly)
                .Append(Find("Grpc.Net.Common")).OfType<Assembly>().Distinct(),
        ];
        var declared = assemblies.SelectMany(a => a.GetExportedTypes()).SelectMany(Describe).ToHashSet();
        if (Packages.AreStandIns) Assert.Equal(listed.Order(StringComparer.Ordinal), declared.Order(StringComparer.Ordinal));
        else Assert.All(listed, line => Assert.True(declared.Contains(line) || declared.Any(d => TakesOptionalMore(d, line)), line));
    }

    private static Assembly? Find(string name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Whether <paramref name="real"/> is <paramref name="line"/> with further parameters that need not be given.</summary>
    private static bool TakesOptionalMore(string real, string line) =>
        line.EndsWith(')') && real.StartsWith(line[..^1], StringComparison.Ordinal)
        && real[(line.Length - 1)..].Split(", ", StringSplitOptions.RemoveEmptyEntries)
            .All(p => p.Contains(" = ", StringComparison.Ordinal));

    private static IEnumerable<string> Describe(Type type)
    {
        var owner = Name(type);
        yield return $"{(type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : "class")} {owner}";
        if (type.IsEnum)
        {
            foreach (var name in Enum.GetNames(type)) yield return $"{owner}.{name} = {Convert.ToInt32(Enum.Parse(type, name), null)}";
            yield break;
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            yield return $"{owner}: {Signature(type.GetMethod("Invoke")!)}";
            yield break;
        }

        foreach (var member in type.GetMembers(Declared))
        {
            switch (member)
            {
                case ConstructorInfo c when IsVisible(c):
                    yield return $"{owner}.new({Parameters(c)})";
                    break;
                case MethodInfo m when IsVisible(m) && !m.IsSpecialName && !IsObjects(m):
                    yield return $"{owner}.{Signature(m)}";
                    break;
                case PropertyInfo p when p.GetAccessors(true).Any(IsVisible):
                    var parameters = string.Join(", ", p.GetIndexParameters().Select(i => Name(i.ParameterType)));
                    yield return $"{owner}.{p.Name}{(parameters.Length > 0 ? $"[{parameters}]" : "")}: {Name(p.PropertyType)}"
                        + string.Concat(p.GetAccessors(true).Where(IsVisible).Select(a => " " + a.Name[..3]).Order());
                    break;
                case FieldInfo { IsPublic: true } f:
                    yield return $"{owner}.{f.Name}: {Name(f.FieldType)}";
                    break;
            }
        }
    }

    private static bool IsVisible(MethodBase m) => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly;

    private static bool IsObjects(MethodInfo m) => m.GetBaseDefinition().DeclaringType == typeof(object);

    private static string Signature(MethodInfo m)
    {
        var generic = m.IsGenericMethod ? "<" + string.Join(", ", m.GetGenericArguments().Select(Name)) + ">" : "";
        return $"{m.Name}{generic}: {Name(m.ReturnType)} ({Parameters(m)})";
    }

    private static string Parameters(MethodBase m) =>
        string.Join(", ", m.GetParameters().Select(p => $"{Name(p.ParameterType)} {p.Name}{(p.IsOptional ? " = " : "")}"));

    private static string Name(Type type)
    {
        if (type.IsGenericParameter) return type.Name;
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        var owner = type.IsNested ? Name(type.DeclaringType!) : type.Namespace;
        var name = owner is "System" ? type.Name : owner + "." + type.Name;
        var tick = name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0 || type.IsNested ? name : name[..tick] + "<" + string.Join(", ", type.GetGenericArguments().Select(Name)) + ">";
    }
}

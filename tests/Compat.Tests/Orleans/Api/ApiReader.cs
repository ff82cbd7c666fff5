using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Switchboard.Compat.Tests.Orleans.Api;

/// <summary>
/// Writes down what an assembly declares for others, a line for each type, base, type parameter and member. It reads the file's metadata
/// only: nothing is loaded, so that an assembly whose dependencies are nowhere can be read as well. Nullability and what members that
/// override <see cref="object"/>'s do is left out: it makes no difference to what compiles.
/// </summary>
internal sealed class ApiReader : IDisposable
{
    private readonly PEReader _file;
    private readonly MetadataReader _reader;
    private readonly TypeNames _names;

    private ApiReader(string path)
    {
        _file = new PEReader(File.OpenRead(path));
        _reader = _file.GetMetadataReader();
        _names = new TypeNames(_reader);
    }

    /// <summary>All lines of the assembly, each with the type that it is about.</summary>
    public static ILookup<string, string> Read(string path)
    {
        using var api = new ApiReader(path);
        return api._reader.TypeDefinitions.Where(api.IsVisible)
            .SelectMany(type => api.Describe(type).Select(line => (Type: api._names.OfDefinition(type), line)))
            .ToLookup(pair => pair.Type, pair => pair.line);
    }

    public void Dispose() => _file.Dispose();

    private bool IsVisible(TypeDefinitionHandle handle)
    {
        var type = _reader.GetTypeDefinition(handle);
        return (type.Attributes & TypeAttributes.VisibilityMask) switch
        {
            TypeAttributes.Public => true,
            TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem => IsVisible(type.GetDeclaringType()),
            _ => false,
        };
    }

    private IEnumerable<string> Describe(TypeDefinitionHandle handle)
    {
        var type = _reader.GetTypeDefinition(handle);
        var (name, scope) = (_names.OfDefinition(handle), new TypeNames.Scope(_names.Parameters(type.GetGenericParameters()), []));
        var parent = type.BaseType.IsNil ? "" : _names.Of(type.BaseType, scope);
        yield return $"{Kind(type, parent)} {name}{Where(type.GetGenericParameters(), scope)}";
        if (Usage(type) is { } usage) yield return $"{name} [{usage}]";
        if (parent == "Enum")
        {
            var number = type.GetFields().Select(_reader.GetFieldDefinition).Single(f => f.Attributes.HasFlag(FieldAttributes.SpecialName));
            yield return $"{name} : {number.DecodeSignature(_names, scope)}";
        }

        if (parent is not ("" or "Object" or "ValueType" or "Enum")) yield return $"{name} : {parent}";
        foreach (var implemented in type.GetInterfaceImplementations().Select(_reader.GetInterfaceImplementation))
        {
            if (IsVisibleBase(implemented.Interface)) yield return $"{name} : {_names.Of(implemented.Interface, scope)}";
        }

        var members = type.GetFields().Select(field => DescribeField(field, scope))
            .Concat(type.GetProperties().Select(property => DescribeProperty(property, scope)))
            .Concat(type.GetMethods().Select(method => DescribeMethod(method, type, scope)));
        foreach (var member in members.OfType<string>()) yield return $"{name}.{member}";
    }

    private bool IsVisibleBase(EntityHandle type) => type.Kind != HandleKind.TypeDefinition || IsVisible((TypeDefinitionHandle)type);

    private static string Kind(TypeDefinition type, string parent) => parent switch
    {
        _ when type.Attributes.HasFlag(TypeAttributes.Interface) => "interface",
        "Enum" => "enum",
        "ValueType" => "struct",
        _ => (type.Attributes & (TypeAttributes.Abstract | TypeAttributes.Sealed)) switch
        {
            TypeAttributes.Abstract => "abstract class",
            TypeAttributes.Sealed => "sealed class",
            0 => "class",
            _ => "static class",
        },
    };

    private string? DescribeField(FieldDefinitionHandle handle, TypeNames.Scope scope)
    {
        var field = _reader.GetFieldDefinition(handle);
        if (!IsVisible((MethodAttributes)(int)field.Attributes) || field.Attributes.HasFlag(FieldAttributes.SpecialName)) return null;
        var constant = field.GetDefaultValue() is { IsNil: false } value ? $" = {Value(value)}" : "";
        return $"{_reader.GetString(field.Name)}: {field.DecodeSignature(_names, scope)}{constant}";
    }

    private string? DescribeProperty(PropertyDefinitionHandle handle, TypeNames.Scope scope)
    {
        var property = _reader.GetPropertyDefinition(handle);
        var accessors = property.GetAccessors();
        var (get, set) = (Accessor(accessors.Getter, "get", scope), Accessor(accessors.Setter, "set", scope));
        if (get is null && set is null) return null;
        var signature = property.DecodeSignature(_names, scope);
        var index = signature.ParameterTypes.IsEmpty ? "" : $"[{string.Join(", ", signature.ParameterTypes)}]";
        var required = Has(property.GetCustomAttributes(), "RequiredMemberAttribute") ? "required " : "";
        return $"{_reader.GetString(property.Name)}{index}: {required}{signature.ReturnType}{get}{set}";
    }

    private string? Accessor(MethodDefinitionHandle handle, string name, TypeNames.Scope scope)
    {
        if (handle.IsNil) return null;
        var method = _reader.GetMethodDefinition(handle);
        var isInit = method.DecodeSignature(_names, scope).ReturnType == "init";
        return IsVisible(method.Attributes) ? $" {Modifiers(method)}{(isInit ? "init" : name)}" : null;
    }

    private string? DescribeMethod(MethodDefinitionHandle handle, TypeDefinition type, TypeNames.Scope scope)
    {
        var method = _reader.GetMethodDefinition(handle);
        var name = _reader.GetString(method.Name);
        var isConstructor = name == ".ctor";
        var isOperator = name.StartsWith("op_", StringComparison.Ordinal);
        if (!IsVisible(method.Attributes) || (method.Attributes.HasFlag(MethodAttributes.SpecialName) && !isConstructor && !isOperator))
        {
            return null;
        }

        var inside = scope with { OfMethod = _names.Parameters(method.GetGenericParameters()) };
        var signature = method.DecodeSignature(_names, inside);
        var parameters = Parameters(method, signature.ParameterTypes);
        if (isConstructor) return $"new: {Access(method)}{parameters}";
        if (IsObjects(name, signature.ParameterTypes)) return null;
        var ofType = type.Attributes.HasFlag(TypeAttributes.Interface) && !method.Attributes.HasFlag(MethodAttributes.Abstract) ? "default " : "";
        var generic = inside.OfMethod.IsEmpty ? "" : $"<{string.Join(", ", inside.OfMethod)}>";
        return $"{name}{generic}: {ofType}{Modifiers(method)}{signature.ReturnType} {parameters}{Where(method.GetGenericParameters(), inside)}";
    }

    private static bool IsObjects(string name, ImmutableArray<string> parameters)
        => (name is "ToString" or "GetHashCode" && parameters.IsEmpty) || (name == "Equals" && parameters is ["Object"]);

    private static bool IsVisible(MethodAttributes attributes)
        => (attributes & MethodAttributes.MemberAccessMask) is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem;

    private static string Access(MethodDefinition method)
        => (method.Attributes & MethodAttributes.MemberAccessMask) == MethodAttributes.Public ? "" : "protected ";

    private string Modifiers(MethodDefinition method)
    {
        var (attributes, access) = (method.Attributes, Access(method));
        if (Has(method.GetCustomAttributes(), "ExtensionAttribute")) return access + "extension ";
        if (attributes.HasFlag(MethodAttributes.Static)) return access + "static ";
        var inherits = attributes.HasFlag(MethodAttributes.Virtual) && !attributes.HasFlag(MethodAttributes.Final);
        var isInterfaces = _reader.GetTypeDefinition(method.GetDeclaringType()).Attributes.HasFlag(TypeAttributes.Interface);
        return access + (!inherits || isInterfaces ? "" : attributes.HasFlag(MethodAttributes.Abstract) ? "abstract " : "virtual ");
    }

    private string Parameters(MethodDefinition method, ImmutableArray<string> types)
    {
        var all = method.GetParameters().Select(_reader.GetParameter).Where(p => p.SequenceNumber > 0).OrderBy(p => p.SequenceNumber);
        return $"({string.Join(", ", all.Select(p => Describe(p)))})";

        string Describe(Parameter p)
        {
            var isParams = Has(p.GetCustomAttributes(), "ParamArrayAttribute") ? "params " : "";
            var byDefault = p.GetDefaultValue() is { IsNil: false } value ? $" = {Value(value)}"
                : p.Attributes.HasFlag(ParameterAttributes.Optional) ? " = default" : "";
            return $"{isParams}{types[p.SequenceNumber - 1]} {_reader.GetString(p.Name)}{byDefault}";
        }
    }

    private string Where(GenericParameterHandleCollection parameters, TypeNames.Scope scope)
        => string.Concat(parameters.Select(_reader.GetGenericParameter).Select(parameter =>
        {
            var special = parameter.Attributes & GenericParameterAttributes.SpecialConstraintMask;
            var bounds = parameter.GetConstraints().Select(c => _names.Of(_reader.GetGenericParameterConstraint(c).Type, scope));
            string[] all = [.. special == 0 ? [] : new[] { special.ToString() }, .. bounds];
            return all.Length == 0 ? "" : $" where {_reader.GetString(parameter.Name)} : {string.Join(", ", all)}";
        }));

    private string Value(ConstantHandle handle)
    {
        var constant = _reader.GetConstant(handle);
        var value = _reader.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode);
        return value is string text ? $"\"{text}\"" : Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } plain ? plain : "null";
    }

    /// <summary>What an attribute may stand on.</summary>
    private string? Usage(TypeDefinition type)
    {
        foreach (var attribute in type.GetCustomAttributes().Select(_reader.GetCustomAttribute).Where(a => Name(a) == "AttributeUsageAttribute"))
        {
            var blob = _reader.GetBlobReader(attribute.Value);
            blob.ReadUInt16();
            List<string> usage = [((AttributeTargets)blob.ReadInt32()).ToString()];
            for (var named = blob.ReadUInt16(); named > 0; named--)
            {
                // What is named is a property of type bool: AllowMultiple or Inherited.
                blob.ReadUInt16();
                usage.Add($"{blob.ReadSerializedString()} = {blob.ReadBoolean()}");
            }

            return string.Join(", ", usage.Take(1).Concat(usage.Skip(1).Where(u => u is "AllowMultiple = True" or "Inherited = False")));
        }

        return null;
    }

    private bool Has(CustomAttributeHandleCollection attributes, string name)
        => attributes.Any(a => Name(_reader.GetCustomAttribute(a)) == name);

    private string Name(CustomAttribute attribute)
    {
        var type = attribute.Constructor.Kind == HandleKind.MemberReference
            ? _reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent
            : _reader.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor).GetDeclaringType();
        return _names.Of(type, default).Split('.')[^1];
    }
}

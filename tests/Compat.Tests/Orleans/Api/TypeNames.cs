using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Switchboard.Compat.Tests.Orleans.Api;

/// <summary>Names the types in signatures, without loading or even finding the assemblies that they are from.</summary>
internal sealed class TypeNames(MetadataReader reader) : ISignatureTypeProvider<string, TypeNames.Scope>
{
    /// <summary>The names of the type parameters that a signature may mention by number.</summary>
    internal readonly record struct Scope(ImmutableArray<string> OfType, ImmutableArray<string> OfMethod);

    public string Of(EntityHandle type, Scope scope) => type.Kind switch
    {
        HandleKind.TypeReference => GetTypeFromReference(reader, (TypeReferenceHandle)type, 0),
        HandleKind.TypeDefinition => GetTypeFromDefinition(reader, (TypeDefinitionHandle)type, 0),
        _ => reader.GetTypeSpecification((TypeSpecificationHandle)type).DecodeSignature(this, scope),
    };

    /// <summary>A type with the names of its own parameters.</summary>
    public string OfDefinition(TypeDefinitionHandle type)
    {
        var parameters = Parameters(reader.GetTypeDefinition(type).GetGenericParameters());
        var name = GetTypeFromDefinition(reader, type, 0);
        return parameters.IsEmpty ? name : GetGenericInstantiation(name, parameters);
    }

    public ImmutableArray<string> Parameters(GenericParameterHandleCollection parameters)
        => [.. parameters.Select(p => reader.GetString(reader.GetGenericParameter(p).Name))];

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        var type = reader.GetTypeDefinition(handle);
        return type.GetDeclaringType() is { IsNil: false } outer
            ? $"{GetTypeFromDefinition(reader, outer, 0)}.{Plain(type.Name)}"
            : Join(type.Namespace, type.Name);
    }

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        var type = reader.GetTypeReference(handle);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, 0)}.{Plain(type.Name)}"
            : Join(type.Namespace, type.Name);
    }

    public string GetTypeFromSpecification(MetadataReader reader, Scope genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
        => reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments)
        => $"{genericType}<{string.Join(", ", typeArguments)}>";

    public string GetGenericMethodParameter(Scope genericContext, int index) => genericContext.OfMethod[index];

    public string GetGenericTypeParameter(Scope genericContext, int index) => genericContext.OfType[index];

    public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{new string(',', shape.Rank - 1)}]";

    public string GetSZArrayType(string elementType) => elementType + "[]";

    public string GetByReferenceType(string elementType) => "ref " + elementType;

    public string GetPointerType(string elementType) => elementType + "*";

    public string GetPinnedType(string elementType) => elementType;

    public string GetFunctionPointerType(MethodSignature<string> signature) => "delegate*";

    /// <summary>Of what may modify a type only the init accessor shows in code; IsExternalInit is its mark.</summary>
    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired)
        => modifier.EndsWith(".IsExternalInit", StringComparison.Ordinal) ? "init" : unmodifiedType;

    private string Join(StringHandle space, StringHandle name)
        => reader.GetString(space) is var text and not ("System" or "") ? $"{text}.{Plain(name)}" : Plain(name);

    private string Plain(StringHandle name) => reader.GetString(name).Split('`')[0];
}

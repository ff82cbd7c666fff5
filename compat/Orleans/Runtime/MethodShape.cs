using System.Reflection;
using Orleans.Concurrency;
using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>What is known of a method of a grain interface without calling it.</summary>
internal sealed class MethodShape(Type interfaceType, MethodInfo method)
{
    public readonly Type InterfaceType = interfaceType;
    public readonly string Name = $"{interfaceType.FullName}.{method.Name}";
    public readonly bool AlwaysInterleaves = method.IsDefined(typeof(AlwaysInterleaveAttribute));
    public readonly bool IsReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
    public readonly bool IsOneWay = method.ReturnType == typeof(void) || method.IsDefined(typeof(OneWayAttribute));
    public readonly bool ResultIsImmutable = method.ReturnParameter.IsDefined(typeof(ImmutableAttribute));

    /// <summary>How long callers wait; null: as long as the options say.</summary>
    public readonly TimeSpan? Timeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;

    public readonly bool HasArgumentsToCopy = Array.Exists(method.GetParameters(), MustCopy);

    public static bool MustCopy(ParameterInfo parameter)
        => !parameter.IsDefined(typeof(ImmutableAttribute)) && !ShallowTypes.Contains(parameter.ParameterType);
}

using System.Reflection;
using Orleans.Concurrency;
using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>What is known of a method of a grain interface without calling it.</summary>
internal sealed class MethodShape
{
    public MethodShape(Type interfaceType, MethodInfo method)
    {
        InterfaceType = interfaceType;
        Name = $"{interfaceType.FullName}.{method.Name}";
        AlwaysInterleaves = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        IsReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        IsOneWay = method.ReturnType == typeof(void) || method.IsDefined(typeof(OneWayAttribute));
        Timeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        ResultIsImmutable = method.ReturnParameter.IsDefined(typeof(ImmutableAttribute));
        ToCopy = [.. method.GetParameters().Select(MustCopy)];
        HasArgumentsToCopy = ToCopy.Contains(true);
    }

    public Type InterfaceType { get; }

    public string Name { get; }

    public bool AlwaysInterleaves { get; }

    public bool IsReadOnly { get; }

    public bool IsOneWay { get; }

    public bool ResultIsImmutable { get; }

    /// <summary>How long callers wait; null: as long as the options say.</summary>
    public TimeSpan? Timeout { get; }

    /// <summary>Which arguments must be copied.</summary>
    public bool[] ToCopy { get; }

    public bool HasArgumentsToCopy { get; }

    public override string ToString() => Name;

    private static bool MustCopy(ParameterInfo parameter)
        => !parameter.IsDefined(typeof(ImmutableAttribute)) && !ShallowTypes.Contains(parameter.ParameterType);
}

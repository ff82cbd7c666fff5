using System.Reflection;
using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>Reads grain interfaces and refuses what the real code generator and analyzers refuse when they compile.</summary>
internal static class GrainInterfaces
{
    /// <summary>The methods of the interface and of those it inherits.</summary>
    public static List<MethodInfo> MethodsOf(Type interfaceType)
        => [.. interfaceType.GetInterfaces().Prepend(interfaceType)
            .SelectMany(i => i.GetMethods())
            .Where(m => m is { IsStatic: false, IsAbstract: true })];

    /// <summary>OrleansConfigurationException: with all that is wrong with the interface.</summary>
    public static void Check(Type interfaceType)
    {
        var wrong = new List<string>();
        if (!interfaceType.IsInterface || !typeof(IAddressable).IsAssignableFrom(interfaceType))
        {
            throw new ArgumentException($"{interfaceType.FullName} is not a grain interface.", nameof(interfaceType));
        }

        foreach (var method in MethodsOf(interfaceType))
        {
            var name = $"{interfaceType.FullName}.{method.Name}";
            var parameters = method.GetParameters();
            if (method.IsSpecialName)
            {
                wrong.Add($"{name}: a grain interface has no properties or events (ORLEANS0008).");
            }
            else if (!IsAllowedReturn(method.ReturnType))
            {
                wrong.Add(
                    $"{name} returns {method.ReturnType.Name}: it must be Task, Task<T>, ValueTask, ValueTask<T> or void (ORLEANS0009).");
            }

            if (method.IsGenericMethod)
            {
                wrong.Add($"{name} is generic: this stand-in does not carry that.");
            }

            if (Array.Exists(parameters, p => p.ParameterType.IsByRef))
            {
                wrong.Add($"{name} has a ref, in or out parameter (ORLEANS0002).");
            }

            wrong.AddRange(parameters.Select(p => p.ParameterType).Append(ResultOf(method.ReturnType))
                .Select(type => SendableTypes.WhyNot(type)).OfType<string>().Select(why => $"{name}: {why}"));
            if (parameters.Count(p => p.ParameterType == typeof(CancellationToken)) > 1)
            {
                wrong.Add($"{name} has more than one CancellationToken (ORLEANS0109).");
            }
        }

        if (wrong.Count > 0)
        {
            throw new OrleansConfigurationException(string.Join(Environment.NewLine, wrong));
        }
    }

    /// <summary>What a caller awaits.</summary>
    public static Type ResultOf(Type returned) => returned.IsGenericType ? returned.GetGenericArguments()[0] : typeof(Nothing);

    private static bool IsAllowedReturn(Type returned)
    {
        if (returned == typeof(Task) || returned == typeof(ValueTask) || returned == typeof(void))
        {
            return true;
        }

        var definition = returned.IsGenericType ? returned.GetGenericTypeDefinition() : null;
        return definition == typeof(Task<>) || definition == typeof(ValueTask<>);
    }
}

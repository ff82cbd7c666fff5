using System.Collections.Concurrent;
using System.Reflection;

namespace Orleans.Runtime;

/// <summary>The grain classes of the program, found by reading its assemblies.</summary>
internal sealed class GrainClasses
{
    private static readonly Assembly s_self = typeof(GrainClasses).Assembly;

    private readonly Dictionary<GrainType, Type> _byType = [];
    private readonly ConcurrentDictionary<(Type Interface, string? Prefix), GrainType> _byInterface = new();

    private GrainClasses(IEnumerable<Type> classes)
    {
        foreach (var grainClass in classes)
        {
            var type = NameOf(grainClass);
            if (!_byType.TryAdd(type, grainClass))
            {
                throw new InvalidOperationException(
                    $"Two grain classes have the type {type}: {_byType[type].FullName} and {grainClass.FullName}.");
            }
        }
    }

    /// <summary>Reads every assembly that is loaded or referenced by one that is, and that uses this one.</summary>
    public static GrainClasses Find()
    {
        var seen = new HashSet<string>();
        var todo = new Stack<Assembly>(AppDomain.CurrentDomain.GetAssemblies().Where(a => !a.IsDynamic));
        var classes = new List<Type>();
        while (todo.TryPop(out var assembly))
        {
            if (!seen.Add(assembly.FullName!))
            {
                continue;
            }

            var references = assembly.GetReferencedAssemblies();
            if (assembly == s_self || Array.Exists(references, name => name.Name == s_self.GetName().Name))
            {
                classes.AddRange(assembly.GetTypes().Where(IsGrainClass));
            }

            foreach (var name in references.Where(name => !IsOfTheFramework(name) && !seen.Contains(name.FullName)))
            {
                if (TryLoad(name) is { } found)
                {
                    todo.Push(found);
                }
            }
        }

        return new GrainClasses(classes);
    }

    /// <summary>OrleansConfigurationException: with all that is wrong with the interfaces of the grain classes.</summary>
    public void Check()
    {
        foreach (var interfaceType in _byType.Values.SelectMany(InterfacesOf).Distinct())
        {
            GrainInterfaces.Check(interfaceType);
        }
    }

    public Type? ClassOf(GrainType type) => _byType.GetValueOrDefault(type);

    public GrainType TypeOf(Type interfaceType, string? classNamePrefix)
        => _byInterface.GetOrAdd((interfaceType, classNamePrefix), Resolve);

    private GrainType Resolve((Type Interface, string? Prefix) wanted)
    {
        var found = _byType
            .Where(pair => wanted.Interface.IsAssignableFrom(pair.Value))
            .Where(pair => pair.Value.FullName!.StartsWith(wanted.Prefix ?? "", StringComparison.Ordinal))
            .ToList();
        return found.Count switch
        {
            1 => found[0].Key,
            0 => throw new ArgumentException($"Could not find an implementation for interface {wanted.Interface.FullName}"),
            _ => throw new ArgumentException(
                $"Unable to identify a single appropriate grain type for interface {wanted.Interface.FullName}. Candidates: "
                + string.Join(", ", found.Select(pair => $"{pair.Key} ({pair.Value.FullName})"))),
        };
    }

    private static GrainType NameOf(Type grainClass)
    {
        if (grainClass.GetCustomAttribute<GrainTypeAttribute>() is { } named)
        {
            return GrainType.Create(named.Name);
        }

        var name = grainClass.Name.ToLowerInvariant();
        return GrainType.Create(name.Length > 5 && name.EndsWith("grain", StringComparison.Ordinal) ? name[..^5] : name);
    }

    private static bool IsGrainClass(Type type)
        => type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false }
            && typeof(IGrainBase).IsAssignableFrom(type) && typeof(IGrain).IsAssignableFrom(type);

    private static IEnumerable<Type> InterfacesOf(Type grainClass)
        => grainClass.GetInterfaces().Where(i => typeof(IGrain).IsAssignableFrom(i));

    private static bool IsOfTheFramework(AssemblyName name)
        => name.Name!.StartsWith("System", StringComparison.Ordinal) || name.Name.StartsWith("Microsoft.", StringComparison.Ordinal);

    private static Assembly? TryLoad(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (Exception exception) when (exception is IOException or BadImageFormatException)
        {
            // Referenced and not there: nobody uses it.
            return null;
        }
    }
}

using System.Reflection;
using Switchboard.Abstractions;

namespace Switchboard.Architecture.Tests;

/// <summary>Names that are written to wires and stores are unique, and every grain, message and state has one.</summary>
public sealed class NameTests
{
    private static readonly Assembly _abstractions = typeof(Names).Assembly;

    /// <summary>No two constants of one kind say the same.</summary>
    [Fact]
    public void Names_are_unique()
    {
        foreach (var group in typeof(Names).GetNestedTypes())
        {
            var values = group.GetFields().Select(f => (string)f.GetRawConstantValue()!).ToList();
            Assert.Equal(values.Count, values.Distinct().Count());
        }
    }

    /// <summary>Every message carries an alias of the one file; every property an explicit id.</summary>
    [Fact]
    public void Messages_have_aliases_and_ids()
    {
        var known = typeof(Names).GetNestedTypes().SelectMany(t => t.GetFields()).Select(f => (string)f.GetRawConstantValue()!).ToHashSet();
        foreach (var type in _abstractions.GetExportedTypes().Where(t => t.IsDefined(typeof(GenerateSerializerAttribute)) && !t.IsEnum))
        {
            Assert.Contains(type.GetCustomAttribute<AliasAttribute>()?.Alias ?? $"no alias on {type.Name}", known);
            var properties = type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly).Where(p => p.SetMethod is not null).ToList();
            Assert.All(properties, p => Assert.True(p.IsDefined(typeof(IdAttribute)), $"{type.Name}.{p.Name} has no [Id]"));
            var ids = properties.Select(p => p.GetCustomAttribute<IdAttribute>()!.Id).ToList();
            Assert.Equal(ids.Count, ids.Distinct().Count());
        }
    }

    /// <summary>Every grain and observer interface, and each of its methods, has an alias.</summary>
    [Fact]
    public void Interfaces_have_aliases()
    {
        foreach (var type in _abstractions.GetExportedTypes().Where(t => t.IsInterface && typeof(IAddressable).IsAssignableFrom(t)))
        {
            Assert.True(type.IsDefined(typeof(AliasAttribute)), $"{type.Name} has no [Alias]");
            Assert.All(type.GetMethods(), m => Assert.True(m.IsDefined(typeof(AliasAttribute)), $"{type.Name}.{m.Name} has no [Alias]"));
        }
    }

    /// <summary>Every grain class says its grain type, out of the one file.</summary>
    [Fact]
    public void Grains_have_grain_types()
    {
        var known = typeof(Names.GrainTypes).GetFields().Select(f => (string)f.GetRawConstantValue()!).ToHashSet();
        var grains = Assembly.Load("Switchboard.Grains").GetTypes().Where(t => typeof(Grain).IsAssignableFrom(t) && !t.IsAbstract).ToList();
        Assert.NotEmpty(grains);
        foreach (var grain in grains)
        {
            var name = grain.CustomAttributes.SingleOrDefault(a => a.AttributeType == typeof(GrainTypeAttribute))?.ConstructorArguments[0].Value as string;
            Assert.True(name is not null && known.Contains(name), $"{grain.Name} has no [GrainType] out of Names.GrainTypes");
        }
    }
}

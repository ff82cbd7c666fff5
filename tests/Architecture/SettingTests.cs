using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Switchboard.Api;
using Switchboard.Grains;

namespace Switchboard.Architecture.Tests;

/// <summary>No number and no time of the settings is without a bound.</summary>
public sealed class SettingTests
{
    private static readonly Type[] _bounded = [typeof(int), typeof(long), typeof(double), typeof(TimeSpan)];

    /// <summary>Each has its range at the property or, of the grains, its line in their validator.</summary>
    [Fact]
    public void Every_number_and_time_has_a_bound()
    {
        var validator = Repository.Read("src/Grains/GrainOptionsValidator.cs");
        var settings = new[] { typeof(SwitchboardApiExtensions).Assembly, typeof(GrainOptions).Assembly }
            .SelectMany(a => a.GetTypes()).Where(t => t.GetField("SectionName") is not null)
            .SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Instance)).Where(p => p.SetMethod is { IsPublic: true })
            .Where(p => _bounded.Contains(Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType)).ToList();
        Assert.True(settings.Count > 60);
        Assert.All(settings, p => Assert.True(
            p.DeclaringType == typeof(GrainOptions)
                ? validator.Contains($"(nameof(options.{p.Name}), ", StringComparison.Ordinal)
                : p.IsDefined(typeof(RangeAttribute)),
            $"{p.DeclaringType!.Name}.{p.Name} has no bound"));
    }
}

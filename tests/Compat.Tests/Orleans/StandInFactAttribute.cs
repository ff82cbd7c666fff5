using System.Reflection;

namespace Switchboard.Compat.Tests.Orleans;

/// <summary>For what the real packages cannot be asked: they have no such clock, or refuse it when they compile.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class StandInFactAttribute : FactAttribute
{
    public StandInFactAttribute()
    {
        if (Packages != "compat")
        {
            Skip = "Only the stand-in can be asked this.";
        }
    }

    /// <summary><c>real</c> or <c>compat</c>: what this was built with.</summary>
    public static string? Packages { get; } = typeof(StandInFactAttribute).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == "SwitchboardPackages")?.Value;
}

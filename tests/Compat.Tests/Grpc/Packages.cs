using System.Reflection;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>Which packages these tests run against.</summary>
internal static class Packages
{
    public static readonly bool AreStandIns = typeof(Packages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Any(a => a is { Key: "SwitchboardPackages", Value: "compat" });
}

using System.Globalization;
using Switchboard.Api.Startup;

namespace Switchboard.Scenarios.Clusters;

/// <summary>How large these tests' clusters are, and how soon their silos are taken for dead. The environment may say more than CI has time for.</summary>
internal static class ClusterSize
{
    /// <summary>Agents of a test with load: 60, or what <c>SWITCHBOARD_CLUSTER_AGENTS</c> says.</summary>
    public static int Agents { get; } = Number("SWITCHBOARD_CLUSTER_AGENTS", 60);

    /// <summary>How long a database is away: 25 s, or so many seconds as <c>SWITCHBOARD_CLUSTER_AWAY</c> says.</summary>
    public static TimeSpan Away { get; } = TimeSpan.FromSeconds(Number("SWITCHBOARD_CLUSTER_AWAY", 25));

    /// <summary>The profile of a test of deaths: Fast, or what <c>SWITCHBOARD_CLUSTER_PROFILE</c> says.</summary>
    public static ClusterProfile Profile { get; } =
        Enum.Parse<ClusterProfile>(Environment.GetEnvironmentVariable("SWITCHBOARD_CLUSTER_PROFILE") ?? nameof(ClusterProfile.Fast));

    private static int Number(string variable, int otherwise) => Environment.GetEnvironmentVariable(variable) is { } said
        ? int.Parse(said, NumberStyles.None, CultureInfo.InvariantCulture)
        : otherwise;
}

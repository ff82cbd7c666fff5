using System.Globalization;
using Switchboard.Api.Startup;

namespace Switchboard.Scenarios.Clusters;

/// <summary>How large these tests' clusters are, and how soon their silos are taken for dead. The environment may say more than CI has time for.</summary>
internal static class ClusterSize
{
    /// <summary>Agents of a test with load: 60, or what <c>SWITCHBOARD_CLUSTER_AGENTS</c> says.</summary>
    public static int Agents { get; } =
        int.Parse(Environment.GetEnvironmentVariable("SWITCHBOARD_CLUSTER_AGENTS") ?? "60", NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>The profile of a test of deaths: Fast, or what <c>SWITCHBOARD_CLUSTER_PROFILE</c> says.</summary>
    public static ClusterProfile Profile { get; } =
        Enum.Parse<ClusterProfile>(Environment.GetEnvironmentVariable("SWITCHBOARD_CLUSTER_PROFILE") ?? nameof(ClusterProfile.Fast));
}

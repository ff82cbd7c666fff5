using Orleans.Configuration;
using Switchboard.Api.Startup;

namespace Switchboard.Silo.Clustering;

/// <summary>Turns a profile into Orleans' times.</summary>
internal static class MembershipProfile
{
    /// <summary>Sets the times of a profile; <see cref="ClusterProfile.Default"/> leaves Orleans' own.</summary>
    public static void Apply(ClusterProfile profile, ClusterMembershipOptions options)
    {
        if (profile != ClusterProfile.Fast)
        {
            return;
        }

        options.ProbeTimeout = TimeSpan.FromMilliseconds(500);
        options.NumMissedProbesLimit = 2;
        options.TableRefreshTimeout = TimeSpan.FromSeconds(5);
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
    }
}

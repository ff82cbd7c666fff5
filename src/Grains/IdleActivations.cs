using Orleans.Configuration;
using Switchboard.Grains.Agents;
using Switchboard.Grains.Requests;

namespace Switchboard.Grains;

/// <summary>
/// Bounds how long activations that hold nothing stay: clients that ask for invented ids must not fill a silo with them (R5). Orleans' own
/// collector ends them. A grain that asks for its end in each call (<c>DeactivateOnIdle</c>) makes Orleans reject what is queued behind
/// that call: of 200 callers of one unknown agent, 194 got an error of the gateway.
/// </summary>
internal static class IdleActivations
{
    /// <summary>How long an activation that holds nothing stays after its last call.</summary>
    public static readonly TimeSpan HoldsNothing = TimeSpan.FromSeconds(20);

    /// <summary>How long an activation that holds something stays after the last call that noted so: Orleans' own default.</summary>
    public static readonly TimeSpan HoldsSomething = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan _quantum = TimeSpan.FromSeconds(5);

    /// <summary>Configures Orleans' collector.</summary>
    public static void Configure(GrainCollectionOptions options)
    {
        options.CollectionQuantum = _quantum;
        options.ClassSpecificCollectionAge[typeof(AgentGrain).FullName!] = HoldsNothing;
        options.ClassSpecificCollectionAge[typeof(RequestGrain).FullName!] = HoldsNothing;
    }
}

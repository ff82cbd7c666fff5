using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Sessions;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Durable;

/// <summary>
/// Gives up the attempts of front doors that are gone: a process that ended amid them, this one before its restart included. Looked for when
/// an agent connects, as most do after such an end; the sweeper finds those of agents that do not.
/// </summary>
internal sealed class LostAttempts(
    IRequestLog log, DurableAttempts attempts, SessionRegistry sessions, IFrontDoor frontDoor, IGrainFactory grains, GatewayClock clock)
{
    /// <summary>The maximum number of claimed requests of one agent that are looked at; the sweeper takes the rest.</summary>
    private const int MaxRead = 1024;

    /// <summary>Gives up the lost attempts at an agent's requests.</summary>
    /// <returns>
    /// False: an attempt of a session that has ended here is still being given up. Until it is queued again, what was accepted later must not pass
    /// it.
    /// </returns>
    public async Task<bool> ReleaseAsync(AgentKey agent)
    {
        var claimed = await log.ReadClaimedAsync(agent.ToString(), MaxRead, CancellationToken.None);
        if (claimed.Count == 0)
        {
            return true;
        }

        Dictionary<ushort, bool> gone = [];
        List<AttemptRelease> releases = [];
        var settled = true;
        foreach (var request in claimed)
        {
            if (!gone.TryGetValue(request.FrontDoor, out var isGone))
            {
                gone.Add(request.FrontDoor, isGone = await IsGoneAsync(request.FrontDoor));
            }

            // One of its own that it does not know: it was claimed, and the reply was lost.
            if (request.FrontDoor == frontDoor.Number ? !attempts.Has(request.Id, request.Attempt) : isGone)
            {
                releases.Add(new AttemptRelease(request.Id, request.Attempt, Sent: true, RetryIn: TimeSpan.Zero));
            }
            else if (request.FrontDoor == frontDoor.Number && sessions.Find(request.Session) is null)
            {
                settled = false;
            }
        }

        if (releases.Count > 0)
        {
            await log.ReleaseAsync(releases, CancellationToken.None);
        }

        return settled;
    }

    private async Task<bool> IsGoneAsync(ushort number)
    {
        if (number == frontDoor.Number)
        {
            return false;
        }

        // A process alone shares its storage with nobody: any other number was its own before.
        if (!frontDoor.IsClustered)
        {
            return true;
        }

        var registry = grains.GetGrain<IFrontDoorRegistryGrain>(IFrontDoorRegistryGrain.Key);
        return await registry.Find(number).BoundAsync(clock.Time) is null;
    }
}

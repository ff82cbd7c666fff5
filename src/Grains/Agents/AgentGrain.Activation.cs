using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Core.Agents;

namespace Switchboard.Grains.Agents;

/// <summary>How an activation gets back what its predecessor knew, and hands it on.</summary>
internal sealed partial class AgentGrain
{
    private static readonly TimeSpan _registryPause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Asks every front door once what it holds, before the first call is answered: the loss of an activation must not make an
    /// agent that is connected look offline (S1).
    /// </summary>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _policy = _policies.PolicyOf(AgentKey.Parse(Key).AgentId);
        _table = new SessionTable(_policy == SessionPolicy.Pool ? _options.SessionsPerPool : _options.SessionsPerAgent, _policy);
        var until = _clock.Now + _options.ActivationInquiry;
        var frontDoors = await ListFrontDoorsAsync(until);
        var answers = await Task.WhenAll(frontDoors.Select(frontDoor => AskAsync(frontDoor, until)));

        // Oldest first. Where two front doors hold one session each (the displaced one has not been told yet), the newer wins, and
        // what drains is known before the session that takes its place.
        var held = answers.SelectMany(a => a).OrderBy(a => a.ConnectNumber).ToArray();
        foreach (var announcement in held)
        {
            if (Take(announcement) is { } reason)
                EndElsewhere(announcement.Lane, new SessionId(announcement.Session), reason);
        }

        LogActivated(Key, frontDoors.Count, held.Length);
    }

    /// <summary>
    /// Asks for announcements, so that the next activation hears of its sessions even from a front door that is too slow to be
    /// heard when it asks. Best effort: nothing depends on it.
    /// </summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        await Task.WhenAll(_lanes.Values.Distinct().Select(lane => TellAsync(lane.AnnounceAgain, Key)));

    // The registry may be on a silo that is stopping, just as this activation's predecessor was: the call is refused at once, and the
    // next one finds the registry elsewhere. Taking the refusal for an empty list would call every agent offline.
    private async Task<IReadOnlyList<FrontDoorLease>> ListFrontDoorsAsync(TimeSpan until)
    {
        var registry = GrainFactory.GetGrain<IFrontDoorRegistryGrain>(IFrontDoorRegistryGrain.Key);
        while (true)
        {
            try
            {
                return await _clock.Bound(registry.List(), until - _clock.Now);
            }
            catch (Exception e)
            {
                LogRegistryUnanswered(e, Key);
                if (_clock.Now + _registryPause >= until)
                    return [];
            }

            await _clock.Pause(_registryPause);
        }
    }

    private async Task<IReadOnlyList<SessionAnnouncement>> AskAsync(FrontDoorLease frontDoor, TimeSpan until)
    {
        try
        {
            return await _clock.Bound(Lanes.Of(frontDoor, Key).HeldSessions(Key), until - _clock.Now);
        }
        catch (Exception e)
        {
            LogFrontDoorUnanswered(e, Key, frontDoor.Number, frontDoor.Name);
            return [];
        }
    }
}

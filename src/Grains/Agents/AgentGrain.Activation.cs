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
        var policy = policies.Value.ToRules().PolicyOf(AgentKey.Parse(Key).AgentId);
        _sessions = new AgentSessions<IFrontDoorLane>(
            policy,
            policy == SessionPolicy.Pool ? _options.SessionsPerPool : _options.SessionsPerAgent,
            new DisplacementBudget(_options.DisplacementBurst, _options.DisplacementInterval));
        var until = _clock.Now + _options.ActivationInquiry;
        var frontDoors = await ListFrontDoorsAsync(until);
        var answers = await Task.WhenAll(frontDoors.Select(frontDoor => AskAsync(frontDoor, until)));

        var held = answers.SelectMany(a => a).ToArray();
        Tell(_sessions.Restore(held.Select(HeldOf)));
        if (_sessions.KnowsAnybody)
            Stay();

        LogActivated(Key, frontDoors.Count, held.Length);
    }

    /// <summary>
    /// Asks for announcements, so that the next activation hears of its sessions even from a front door that is too slow to be
    /// heard when it asks. Best effort: nothing depends on it.
    /// </summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        await Task.WhenAll(_sessions.Lanes().Select(lane => TellAsync(lane.AnnounceAgain, Key)));

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

using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Core.Agents;

namespace Switchboard.Grains.Agents;

/// <summary>Recovers what the predecessor of an activation knew, and prepares its successor.</summary>
internal sealed partial class AgentGrain
{
    private static readonly TimeSpan _registryPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _inquireAgain = TimeSpan.FromSeconds(1);

    // Front doors that have not reported their sessions: while there is one, an agent without known sessions is not offline.
    private readonly HashSet<ushort> _unheard = [];
    private bool _registryUnheard;
    private IGrainTimer? _inquiry;

    /// <summary>
    /// Asks every front door once for the sessions that it holds, before the first call is processed: the loss of an activation must not
    /// make a connected agent look offline (S1).
    /// </summary>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var policy = policies.Value.ToRules().PolicyOf(AgentKey.Parse(Key).AgentId);
        _sessions = new AgentSessions<IFrontDoorObserver>(
            policy,
            policy == SessionPolicy.Pool ? _options.SessionsPerPool : _options.SessionsPerAgent,
            new DisplacementBudget(_options.DisplacementBurst, _options.DisplacementInterval));
        var until = _clock.Now + _options.ActivationInquiry;
        var frontDoors = await ListFrontDoorsAsync(until);
        var replies = await Task.WhenAll((frontDoors ?? []).Select(frontDoor => AskAsync(frontDoor, until)));

        var held = replies.SelectMany(reply => reply.Held ?? []).ToArray();
        SendNotices(_sessions.Restore(held.Select(HeldOf)));
        if (_sessions.KnowsAnybody)
        {
            Stay();
        }

        NoteUnheard(frontDoors is null, replies);
        if (IsAnybodyUnheard)
        {
            // Interleaved: other turns go on while front doors are asked.
            _inquiry = this.RegisterGrainTimer(
                InquireAgainAsync, new GrainTimerCreationOptions { DueTime = _inquireAgain, Period = _inquireAgain, Interleave = true });
        }

        Log.Activated(_logger, Key, frontDoors?.Count ?? 0, held.Length);
    }

    private bool IsAnybodyUnheard => _registryUnheard || _unheard.Count > 0;

    // A front door may be slow, or may hang and be taken for dead only in a minute: what it holds is not known until it replies, announces,
    // or its lease has lapsed.
    private async Task InquireAgainAsync(CancellationToken cancellationToken)
    {
        var until = _clock.Now + _options.ActivationInquiry;
        if (await ListFrontDoorsAsync(until) is not { } frontDoors)
        {
            return;
        }

        var asked = frontDoors.Where(frontDoor => _registryUnheard || _unheard.Contains(frontDoor.Number)).ToArray();
        var replies = await Task.WhenAll(asked.Select(frontDoor => AskAsync(frontDoor, until)));
        foreach (var announcement in replies.SelectMany(reply => reply.Held ?? []))
        {
            await Announce(announcement);
        }

        NoteUnheard(registry: false, replies);
        if (!IsAnybodyUnheard)
        {
            _inquiry?.Dispose();
            _inquiry = null;
        }
    }

    private void NoteUnheard(bool registry, IEnumerable<(ushort FrontDoor, IReadOnlyList<SessionAnnouncement>? Held)> replies)
    {
        _registryUnheard = registry;
        _unheard.Clear();
        _unheard.UnionWith(replies.Where(static reply => reply.Held is null).Select(static reply => reply.FrontDoor));
    }

    /// <summary>
    /// Asks for announcements, so that the next activation learns its sessions even from a front door that replies too late to its
    /// question. Best effort: nothing depends on it.
    /// </summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        await Task.WhenAll(_sessions.Observers().Select(observer => NotifyAsync(observer.AnnounceAgain, Key)));

    // The registry may be on a silo that is stopping, just as this activation's predecessor was: the call is rejected at once, and the next
    // one finds the registry elsewhere. Treating the rejection as an empty list would make every agent offline. Null: it did not reply.
    private async Task<IReadOnlyList<FrontDoorLease>?> ListFrontDoorsAsync(TimeSpan until)
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
                Log.RegistryNotReplied(_logger, e, Key);
                if (_clock.Now + _registryPause >= until)
                {
                    return null;
                }
            }

            await _clock.Pause(_registryPause);
        }
    }

    // Null: it did not reply.
    private async Task<(ushort FrontDoor, IReadOnlyList<SessionAnnouncement>? Held)> AskAsync(FrontDoorLease frontDoor, TimeSpan until)
    {
        try
        {
            return (frontDoor.Number, await _clock.Bound(Observers.Of(frontDoor, Key).HeldSessions(Key), until - _clock.Now));
        }
        catch (Exception e)
        {
            Log.FrontDoorNotReplied(_logger, e, Key, frontDoor.Number, frontDoor.Name);
            return (frontDoor.Number, null);
        }
    }
}

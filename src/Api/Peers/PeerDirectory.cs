using Switchboard.Abstractions.FrontDoors;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;

namespace Switchboard.Api.Peers;

/// <summary>
/// The other front doors as the registry has them: addresses and certificates. Asked for again when somebody names one that is not in it;
/// however many do, one call is under way at a time, and not more than one begins in a while.
/// </summary>
internal sealed class PeerDirectory(IGrainFactory grains, PeerConnections connections, PeerCalls calls, GatewayClock clock) : IFrontDoorParticipant
{
    private static readonly TimeSpan _notSooner = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private volatile Dictionary<ushort, FrontDoorLease> _known = [];

    // No more than there are numbers; one that is given out again, after an hour, is taken out.
    private volatile HashSet<ushort> _gone = [];
    private Task? _asked;
    private TimeSpan _askedAt = TimeSpan.MinValue;

    /// <summary>Finds a front door.</summary>
    /// <returns>Null: nobody holds that number, or it speaks no version of this protocol that is spoken here.</returns>
    /// <exception cref="TimeoutException">The registry did not answer in time.</exception>
    public async ValueTask<FrontDoorLease?> FindAsync(ushort number)
    {
        if (!_known.TryGetValue(number, out var found))
        {
            await RefreshAsync();
            _known.TryGetValue(number, out found);
        }

        return found is { PeerAddress.Length: > 0 } && PeerVersions.Own.Common(PeerVersions.Of(found)) is not null ? found : null;
    }

    /// <summary>Finds the front door of the cluster that has a certificate; null: none has.</summary>
    /// <param name="sha256">The certificate's SHA-256, in hex.</param>
    /// <exception cref="TimeoutException">The registry did not answer in time.</exception>
    public async ValueTask<FrontDoorLease?> FindAsync(string sha256)
    {
        if (Known() is { } known)
        {
            return known;
        }

        await RefreshAsync();
        return Known();

        FrontDoorLease? Known() => _known.Values.FirstOrDefault(lease => lease.PeerCertificate == sha256);
    }

    /// <summary>Forgets what is known of a front door that could not be reached: the number may be another's by now.</summary>
    public void Forget(FrontDoorLease lease)
    {
        lock (_gate)
        {
            if (_known.TryGetValue(lease.Number, out var known) && known.Holder == lease.Holder)
            {
                _known = new(_known.Where(entry => entry.Key != lease.Number));
            }
        }
    }

    /// <summary>Says whether the registry has named a front door as gone, so that its sessions are over.</summary>
    public bool IsGone(ushort number) => _gone.Contains(number);

    /// <summary>Forgets where they were, as one that hangs would still take connections, and ends what is open to them and from them.</summary>
    public void OnOthersGone(IReadOnlyCollection<ushort> numbers)
    {
        lock (_gate)
        {
            _gone = [.. _gone, .. numbers];
            _known = new(_known.Where(entry => !numbers.Contains(entry.Key)));
        }

        calls.End(numbers);
    }

    private Task RefreshAsync()
    {
        lock (_gate)
        {
            if (_asked is { IsCompleted: false } asked)
            {
                return asked;
            }

            if (_askedAt != TimeSpan.MinValue && clock.Now - _askedAt < _notSooner)
            {
                return Task.CompletedTask;
            }

            _askedAt = clock.Now;
            return _asked = AskAsync();
        }
    }

    private async Task AskAsync()
    {
        // Not under the lock.
        await Task.Yield();
        var registry = grains.GetGrain<IFrontDoorRegistryGrain>(IFrontDoorRegistryGrain.Key);
        var goneBefore = _gone;
        var leases = await GrainCalls.AskAsync(registry.List, clock.Time);
        lock (_gate)
        {
            // It is listed; its lease lapses and the word comes; and only then comes the list.
            _known = leases.Where(lease => !_gone.Contains(lease.Number) || goneBefore.Contains(lease.Number)).ToDictionary(static lease => lease.Number);
            _gone = [.. _gone.Where(number => !_known.ContainsKey(number))];
        }

        connections.CloseOthers(leases);
    }
}

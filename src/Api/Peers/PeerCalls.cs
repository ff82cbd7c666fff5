using Switchboard.Abstractions.Telemetry;

namespace Switchboard.Api.Peers;

/// <summary>Represents a call that is open to, or from, another front door.</summary>
internal interface IPeerCall
{
    /// <summary>Ends it: the other front door is gone. Does not wait; may come while it ends, and then does nothing.</summary>
    void FrontDoorGone();
}

/// <summary>
/// Holds what is open between this front door and the others, by their numbers, and ends it when the registry names one of them as gone,
/// instead of when its connection is found dead. Thread-safe.
/// </summary>
internal sealed partial class PeerCalls(ILogger<PeerCalls> logger)
{
    private readonly Lock _gate = new();

    // No more than there are numbers.
    private readonly Dictionary<ushort, HashSet<IPeerCall>> _open = [];

    /// <summary>
    /// Adds a call. Whether the front door is gone is asked after that (<see cref="PeerDirectory.IsGone"/>). Otherwise: it is not gone yet;
    /// the word comes and ends what is here; the call is added, and nobody ends it.
    /// </summary>
    public void Add(ushort frontDoor, IPeerCall call)
    {
        lock (_gate)
        {
            if (!_open.TryGetValue(frontDoor, out var calls))
            {
                _open[frontDoor] = calls = [];
            }

            calls.Add(call);
        }
    }

    /// <summary>Removes a call that has ended.</summary>
    public void Remove(ushort frontDoor, IPeerCall call)
    {
        lock (_gate)
        {
            if (_open.TryGetValue(frontDoor, out var calls))
            {
                calls.Remove(call);
            }
        }
    }

    /// <summary>Ends the calls to and from front doors that are gone. After they were noted as such.</summary>
    public void End(IReadOnlyCollection<ushort> frontDoors)
    {
        foreach (var number in frontDoors)
        {
            HashSet<IPeerCall>? calls;
            lock (_gate)
            {
                _open.Remove(number, out calls);
            }

            if (calls is not { Count: > 0 })
            {
                continue;
            }

            Log.Ended(logger, number, calls.Count);
            foreach (var call in calls)
            {
                call.FrontDoorGone();
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.PeerGone, LogLevel.Information, "Front door {FrontDoor} is gone: {Count} calls to it and from it end.")]
        public static partial void Ended(ILogger logger, ushort frontDoor, int count);
    }
}

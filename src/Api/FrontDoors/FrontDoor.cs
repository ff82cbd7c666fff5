using Switchboard.Abstractions.FrontDoors;
using Switchboard.Api.Hosting;
using Switchboard.Api.Requests;
using Switchboard.Core.Ids;

namespace Switchboard.Api.FrontDoors;

/// <summary>This process's number, lanes and readiness. <see cref="FrontDoorService"/> alone changes it.</summary>
internal sealed class FrontDoor(GatewayClock clock, Drain drain) : IFrontDoor
{
    private volatile Identity? _identity;
    private volatile bool _leased;
    private volatile bool _hasOthers;
    private volatile IFrontDoorLane[] _lanes = [];

    // The lanes themselves, held strongly: Orleans keeps an observer by a weak reference and forgets one that nobody holds.
    private IReadOnlyList<FrontDoorLane> _held = [];

    public ushort Number => _identity?.Number ?? 0;

    public RequestIdGenerator Ids => _identity?.Ids ?? throw new InvalidOperationException("The front door has no number yet.");

    public bool Ready => _leased && _identity is not null;

    public bool Stopping => drain.Stopping;

    public bool Closed => drain.Closed;

    /// <summary>Are there other front doors, as the registry said last, at most a renewal ago?</summary>
    public bool HasOthers
    {
        get => _hasOthers;
        set => _hasOthers = value;
    }

    /// <summary>Tells this holder of the number from an earlier one.</summary>
    public Guid Holder { get; } = Guid.NewGuid();

    public IReadOnlyList<IFrontDoorLane> Lanes => _lanes;

    public IFrontDoorLane Lane(ulong id)
    {
        IFrontDoorLane[] lanes = _lanes;
        return lanes.Length > 0 ? lanes[id % (ulong)lanes.Length] : throw new InvalidOperationException("The front door has no lanes yet.");
    }

    public void Open(IReadOnlyList<FrontDoorLane> lanes, IReadOnlyList<IFrontDoorLane> references)
    {
        _held = lanes;
        _lanes = [.. references];
    }

    /// <summary>A number is held from now on. Ids under an earlier one stay valid; new ones are made under this.</summary>
    public void Adopt(ushort number)
    {
        if (_identity?.Number != number)
            _identity = new Identity(number, new RequestIdGenerator(number, clock.WallNow));
        _leased = true;
    }

    /// <summary>The number may be somebody else's by now.</summary>
    public void Lapse() => _leased = false;

    public int LaneCount => _held.Count;

    private sealed record Identity(ushort Number, RequestIdGenerator Ids);
}

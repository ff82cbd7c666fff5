using Microsoft.Extensions.Options;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Api.Time;
using Switchboard.Core.Ids;

namespace Switchboard.Api.FrontDoors;

/// <summary>This process's number, observers and readiness. <see cref="FrontDoorService"/> alone changes it.</summary>
internal sealed class FrontDoor(GatewayClock clock, Drain drain, IOptions<FrontDoorOptions> options) : IFrontDoor
{
    private volatile Identity? _identity;
    private volatile bool _leased;
    private volatile bool _fenced;
    private volatile bool _hasOthers;
    private long _servesUntil = long.MaxValue;
    private volatile IFrontDoorObserver[] _observers = [];

    // The observers themselves, held strongly: Orleans keeps an observer by a weak reference and drops one that is not referenced.
    private IReadOnlyList<IFrontDoorObserver> _held = [];

    public ushort Number => _identity?.Number ?? 0;

    public RequestIdGenerator Ids => _identity?.Ids ?? throw new InvalidOperationException("The front door has no number yet.");

    public bool Ready => _leased && _identity is not null;

    public bool IsClustered { get; } = options.Value.Cluster;

    // By the time too: a process that stood still and wakes serves nobody before it has noticed that.
    public bool Serves => _identity is not null && !_fenced && clock.Now.Ticks < Interlocked.Read(ref _servesUntil);

    public bool Stopping => drain.Stopping;

    public bool Closed => drain.Closed;

    /// <summary>Gets or sets whether there are other front doors, as the registry last reported, at most a renewal ago.</summary>
    public bool HasOthers
    {
        get => _hasOthers;
        set => _hasOthers = value;
    }

    /// <summary>Distinguishes this holder of the number from an earlier one.</summary>
    public Guid Holder { get; } = Guid.NewGuid();

    public IReadOnlyList<IFrontDoorObserver> Observers => _observers;

    public IFrontDoorObserver Observer(ulong id)
    {
        var observers = _observers;
        return observers.Length > 0 ? observers[id % (ulong)observers.Length] : throw new InvalidOperationException("The front door has no observers yet.");
    }

    public void Open(IReadOnlyList<IFrontDoorObserver> observers, IReadOnlyList<IFrontDoorObserver> references)
    {
        _held = observers;
        _observers = [.. references];
    }

    /// <summary>Sets the number. Ids under an earlier one stay valid; new ones are made under this.</summary>
    public void Adopt(ushort number)
    {
        if (_identity?.Number != number)
        {
            _identity = new Identity(number, new RequestIdGenerator(number, clock.WallNow));
        }

        (_leased, _fenced) = (true, false);
    }

    /// <summary>Sets until when requests are served if nothing renews the number.</summary>
    public void ServeUntil(TimeSpan time) => Interlocked.Exchange(ref _servesUntil, time.Ticks);

    /// <summary>Notes that the lease has lapsed, so that another front door may hold the number.</summary>
    public void Lapse() => _leased = false;

    /// <summary>Others serve its agents by now.</summary>
    /// <returns>False: that was so already.</returns>
    public bool Fence()
    {
        _leased = false;
        return !_fenced && (_fenced = true);
    }

    public int ObserverCount => _held.Count;

    private sealed record Identity(ushort Number, RequestIdGenerator Ids);
}

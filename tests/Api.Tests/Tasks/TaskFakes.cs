using Microsoft.Extensions.Hosting;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Api.FrontDoors;
using Switchboard.Core.Ids;

namespace Switchboard.Api.Tests.Tasks;

/// <summary>A front door that is always ready.</summary>
internal sealed class LoneFrontDoor : IFrontDoor
{
    public ushort Number => 1;

    public RequestIdGenerator Ids { get; } = new(1, DateTimeOffset.UnixEpoch);

    public Guid Holder => Guid.Empty;

    public bool Ready => true;

    public bool Serves => true;

    public bool IsClustered => false;

    public bool Stopping => false;

    public bool Closed => false;

    public IFrontDoorObserver Observer(ulong id) => null!;
}

/// <summary>A host that stops when the test says so.</summary>
internal sealed class Lifetime : IHostApplicationLifetime, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    public CancellationToken ApplicationStarted => default;

    public CancellationToken ApplicationStopping => _stopping.Token;

    public CancellationToken ApplicationStopped => default;

    public void StopApplication() => _stopping.Cancel();

    public void Dispose() => _stopping.Dispose();
}

/// <summary>Counts the timers that are made.</summary>
internal sealed class CountingTime(TimeProvider inner) : TimeProvider
{
    public int Timers { get; private set; }

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Timers++;
        return inner.CreateTimer(callback, state, dueTime, period);
    }
}

using System.Diagnostics.Metrics;
using Switchboard.Api.Tests.Harness;

namespace Switchboard.Api.Tests.Faults;

/// <summary>How many connections a host's Kestrel has open, by its own instrument.</summary>
internal sealed class ConnectionCount : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _open;

    public ConnectionCount(GatewayHost host)
    {
        object factory = host.Service<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "kestrel.active_connections" && instrument.Meter.Scope == factory)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, change, _, _) => Interlocked.Add(ref _open, change));
        _listener.Start();
    }

    public long Open => Interlocked.Read(ref _open);

    public void Dispose() => _listener.Dispose();
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;

namespace Switchboard.Api.Telemetry;

/// <summary>
/// Provides a meter of gRPC for .NET's counters, which has event counters and no meter of its own. They are published once a second for the
/// whole process, and cost a call nothing. Thread-safe.
/// </summary>
internal sealed class GrpcMeter : EventListener
{
    /// <summary>The meter's name, which is that of gRPC's event source.</summary>
    public const string Name = "Grpc.AspNetCore.Server";

    private readonly ConcurrentDictionary<string, long> _values = new(StringComparer.Ordinal);

    public GrpcMeter(IMeterFactory factory)
    {
        var meter = factory.Create(Name);
        meter.CreateObservableUpDownCounter("grpc.server.calls.current", () => Of("current-calls"), "{call}", "gRPC calls that are open.");
        Counter("grpc.server.calls", "total-calls", "{call}", "gRPC calls that have begun.");
        Counter("grpc.server.calls.failed", "calls-failed", "{call}", "gRPC calls that ended with another status than OK.");
        Counter("grpc.server.calls.deadline_exceeded", "calls-deadline-exceeded", "{call}", "gRPC calls that their callers' deadlines ended.");
        Counter("grpc.server.calls.unimplemented", "calls-unimplemented", "{call}", "gRPC calls of methods that there are not.");
        Counter("grpc.server.messages.received", "messages-received", "{message}", "gRPC messages received.");
        Counter("grpc.server.messages.sent", "messages-sent", "{message}", "gRPC messages sent.");

        void Counter(string name, string counter, string unit, string description)
            => meter.CreateObservableCounter(name, () => Of(counter), unit, description);
    }

    // Only the counters: an event for each call is enabled by a higher level.
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Name)
        {
            EnableEvents(eventSource, EventLevel.Critical, EventKeywords.None, new Dictionary<string, string?> { ["EventCounterIntervalSec"] = "1" });
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.Payload is [IDictionary<string, object?> counter, ..]
            && counter.TryGetValue("Name", out var name) && name is string named
            && counter.TryGetValue("Mean", out var value) && value is double total)
        {
            _values[named] = (long)total;
        }
    }

    private long Of(string counter) => _values.GetValueOrDefault(counter);
}

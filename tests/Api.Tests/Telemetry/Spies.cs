using System.Collections.Concurrent;
using System.Diagnostics;
using Switchboard.Abstractions.Telemetry;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Telemetry;

/// <summary>Collects the spans of one trace as they end; other tests of the process have traces of their own.</summary>
internal sealed class SpanSpy : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public SpanSpy()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == MetricNames.Meter,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The span of that name and with that attribute, once it has ended.</summary>
    public Task<Activity> EndedAsync(string name, string attribute, string value) => Eventually.IsThereAsync(
        () => Task.FromResult(_ended.FirstOrDefault(a => a.OperationName == name && value.Equals(a.GetTagItem(attribute)))), $"{name} of {value}");

    public void Dispose() => _listener.Dispose();
}

/// <summary>What a caller's own trace looks like.</summary>
/// <param name="TraceId">32 hex digits.</param>
/// <param name="SpanId">16 hex digits.</param>
internal sealed record CallersTrace(string TraceId, string SpanId)
{
    public string Header => $"00-{TraceId}-{SpanId}-01";

    public static CallersTrace New() => new(ActivityTraceId.CreateRandom().ToHexString(), ActivitySpanId.CreateRandom().ToHexString());
}

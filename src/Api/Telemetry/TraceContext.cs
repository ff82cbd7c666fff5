using System.Diagnostics;
using Google.Protobuf.Collections;

namespace Switchboard.Api.Telemetry;

/// <summary>Represents the trace context that travels in headers (W3C Trace Context).</summary>
/// <param name="Parent"><c>traceparent</c>: trace id, span id, flags. Null: none.</param>
/// <param name="State"><c>tracestate</c>: the vendors' data. Null: none.</param>
internal readonly record struct TraceContext(string? Parent, string? State)
{
    public const string ParentHeader = "traceparent";
    public const string StateHeader = "tracestate";

    // W3C Trace Context 3.3.1.5: the length that has to be passed on at least.
    private const int LongestState = 512;

    public TraceContext(Activity span)
        : this(span.Id, span.TraceStateString)
    {
    }

    /// <summary>Reads the context of a call. Empty if it is not well formed: then there is no trace to follow.</summary>
    public static TraceContext Read(IHeaderDictionary headers)
    {
        if (headers.TraceParent is not [{ Length: > 0 } parent] || !ActivityContext.TryParse(parent, traceState: null, out _))
        {
            return default;
        }

        return headers.TraceState is [{ Length: > 0 and <= LongestState } state] ? new(parent, state) : new(parent, null);
    }

    /// <summary>Writes it to the headers for the agent, of which those of another trace are removed.</summary>
    public void WriteTo(MapField<string, string> headers)
    {
        if (Parent is null)
        {
            return;
        }

        headers[ParentHeader] = Parent;
        if (State is { Length: > 0 })
        {
            headers[StateHeader] = State;
        }
        else
        {
            headers.Remove(StateHeader);
        }
    }
}

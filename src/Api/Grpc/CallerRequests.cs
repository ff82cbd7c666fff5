using System.Diagnostics.CodeAnalysis;
using Google.Protobuf.WellKnownTypes;
using Switchboard.Api.Requests;
using Switchboard.Api.Telemetry;
using Switchboard.Core.Agents;
using Switchboard.V1;

namespace Switchboard.Api.Grpc;

/// <summary>Holds a caller's metadata.</summary>
/// <param name="DeadlineLeft">The time left of its own deadline (<c>grpc-timeout</c>); null: none.</param>
/// <param name="ConnectWait">The unparsed value of <c>connect-wait</c>; null: absent.</param>
/// <param name="Trace">The trace that it is part of.</param>
/// <param name="Caller">The key of the caller, for its limits; 0: none.</param>
internal readonly record struct CallerMetadata(TimeSpan? DeadlineLeft, string? ConnectWait, TraceContext Trace, ulong Caller);

/// <summary>Reads a gRPC caller's request.</summary>
internal static class CallerRequests
{
    public static bool TryRead(
        AgentRequest message, in CallerMetadata said, long arrived,
        [NotNullWhen(true)] out CallerRequest? request, [NotNullWhen(false)] out string? problem)
    {
        request = null;
        if (!AgentKey.TryCreate(AgentKey.DefaultTenant, message.AgentId, out var agent, out problem)
            || !TryReadTimeout(message.Timeout, out var timeout, out problem))
        {
            return false;
        }
        if (!ConnectWait.TryParse(said.ConnectWait, out var connectWait))
        {
            problem = ConnectWait.Problem;
            return false;
        }
        request = new CallerRequest
        {
            Agent = agent,
            Method = message.Method,
            Headers = message.Headers,
            HeaderList = message.HeaderList,
            Body = message.Body,
            Http = message.Http,
            CallerId = message.Id,
            Timeout = timeout,
            CallerDeadlineLeft = said.DeadlineLeft,
            ConnectWait = connectWait,
            ArrivedTimestamp = arrived,
            Trace = said.Trace,
            Caller = said.Caller,
            Wire = message,
        };
        return true;
    }

    private static bool TryReadTimeout(Duration? duration, out TimeSpan? timeout, [NotNullWhen(false)] out string? problem)
    {
        (timeout, problem) = (null, null);
        if (duration is null)
        {
            return true;
        }
        // Beyond this a Duration is malformed, and over ten minutes it is refused anyway.
        if (duration.Nanos is < -999_999_999 or > 999_999_999 || Math.Abs((double)duration.Seconds) > 315_576_000_000)
        {
            problem = "timeout is not a valid Duration";
            return false;
        }
        timeout = TimeSpan.FromSeconds(duration.Seconds) + TimeSpan.FromTicks(duration.Nanos / TimeSpan.NanosecondsPerTick);
        return true;
    }
}

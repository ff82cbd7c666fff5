using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;
using Switchboard.Api.Admission;
using Switchboard.Api.Requests;
using Switchboard.Api.Time;
using Switchboard.Core.Admission;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Grpc;

/// <summary>
/// Applies limits to a message of which a part has arrived: its bytes count as held, and the rest has to arrive in time. There is no limit
/// on the time between messages, in which an agent works.
/// </summary>
internal sealed class UnfinishedMessages(TimerWheel wheel, GatewayClock clock, AdmissionLimits limits, IOptions<RequestOptions> options)
{
    // The grace period of Kestrel's own rates.
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(5);
    private static readonly object _key = new();

    public TimerWheel Wheel => wheel;

    public TimeSpan Now => clock.Now;

    public Pace Pace { get; } = new(options.Value.MaxMessageTime, _grace, options.Value.MinMessageRate);

    /// <summary>Watches the call's body. Kestrel reuses a stream's memory for the next call, and so does this.</summary>
    public WatchedBody Watch(HttpContext context, MethodType? type)
    {
        var kept = context.Features.Get<IPersistentStateFeature>()?.State;
        if (kept is null || !kept.TryGetValue(_key, out var found) || found is not WatchedBody body)
        {
            body = new WatchedBody(this);
            if (kept is not null)
            {
                kept[_key] = body;
            }
        }
        body.Begin(context, type);
        return body;
    }

    /// <summary>
    /// Acquires bytes or, below zero, releases them. Bytes of callers' requests and of agents' subscriptions must fit; a response is under
    /// way, bounded by the requests in flight, and is charged (<see cref="ByteBudget"/>).
    /// </summary>
    /// <returns>Null; or the error that ends the call, in which case nothing was counted.</returns>
    public GrpcError? Count(long bytes, bool isResponse)
    {
        if (isResponse)
        {
            limits.Bytes.Charge(bytes);
        }
        else if (bytes <= 0)
        {
            limits.Bytes.Release(-bytes);
        }
        else if (!limits.Bytes.TryAcquirePart(bytes))
        {
            return GrpcError.Of(Verdict.Overloaded, limits.BytesFull(), sent: false);
        }

        return null;
    }

    /// <summary>Returns the error of a call whose message does not arrive in time.</summary>
    public GrpcError TooSlow(TimeSpan taken, bool isResponse)
    {
        var detail = taken >= Pace.Most
            ? $"A message was not whole within {Pace.Most.TotalSeconds} s."
            : $"A message came more slowly than {Pace.BytesPerSecond} bytes a second.";
        // An agent's response is no request, so there is no verdict.
        return isResponse ? GrpcError.Unreadable(detail) : GrpcError.Of(Verdict.BadRequest, detail, sent: false);
    }
}

using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;
using Switchboard.Api.Admission;
using Switchboard.Api.Errors;
using Switchboard.Api.Requests;
using Switchboard.Core.Admission;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Grpc;

/// <summary>
/// What holds for a message of which a part has come: its bytes count as held, and the rest has to come in time. Before a message there is
/// no limit: agents think.
/// </summary>
internal sealed class UnfinishedMessages(DeadlineWheel wheel, GatewayClock clock, AdmissionLimits limits, IOptions<RequestOptions> options)
{
    // As Kestrel's own rates have it.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly object Key = new();

    public DeadlineWheel Wheel => wheel;

    public TimeSpan Now => clock.Now;

    public Pace Pace { get; } = new(options.Value.MaxMessageTime, Grace, options.Value.MinMessageRate);

    /// <summary>The call's body, watched. Kestrel uses a stream's memory for the next call, and so does this.</summary>
    public WatchedBody Watch(HttpContext context, MethodType? type)
    {
        IDictionary<object, object?>? kept = context.Features.Get<IPersistentStateFeature>()?.State;
        if (kept is null || !kept.TryGetValue(Key, out var found) || found is not WatchedBody body)
        {
            body = new WatchedBody(this);
            if (kept is not null)
                kept[Key] = body;
        }
        body.Begin(context, type);
        return body;
    }

    /// <summary>
    /// Counts bytes in, or below zero out. What callers and agents ask has to fit; an answer is under way, bounded by the requests in flight,
    /// and only tells (<see cref="ByteBudget"/>).
    /// </summary>
    /// <returns>Null; or how the call ends, and nothing was counted.</returns>
    public RpcException? Count(long bytes, bool isAnswer)
    {
        if (isAnswer)
            limits.Bytes.Tell(bytes);
        else if (bytes <= 0)
            limits.Bytes.Give(-bytes);
        else if (!limits.Bytes.TryTake(bytes))
            return GrpcErrors.ToRpc(Verdict.Overloaded, limits.BytesFull(), sent: false);
        return null;
    }

    /// <summary>How a call ends whose message does not come in time.</summary>
    public RpcException TooSlow(TimeSpan taken, bool isAnswer)
    {
        string detail = taken >= Pace.Most
            ? $"A message was not whole within {Pace.Most.TotalSeconds} s."
            : $"A message came more slowly than {Pace.BytesPerSecond} bytes a second.";
        // What an agent answers is no request, of which a verdict could be told.
        return isAnswer ? GrpcErrors.Unreadable(detail) : GrpcErrors.ToRpc(Verdict.BadRequest, detail, sent: false);
    }
}

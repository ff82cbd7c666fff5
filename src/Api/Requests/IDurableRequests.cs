using Switchboard.Abstractions.Requests;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Requests;

/// <summary>Requests that are kept until they are answered or expire.</summary>
public interface IDurableRequests
{
    /// <summary>Accepts a request for <paramref name="timeToLive"/>, and starts to deliver it.</summary>
    Task<DurableAccepted> AcceptAsync(CallerRequest request, TimeSpan timeToLive, CancellationToken cancellationToken);

    /// <summary>Waits until an accepted request has ended.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="wait">How long, counted from <paramref name="arrivedTimestamp"/>.</param>
    /// <param name="arrivedTimestamp"><see cref="TimeProvider.GetTimestamp"/> when the request arrived.</param>
    /// <param name="callerGone">Ends the wait; the request is kept.</param>
    /// <returns>Null: it has not ended in that time, or nobody could say.</returns>
    Task<RequestReport?> WhenEndedAsync(RequestId id, TimeSpan wait, long arrivedTimestamp, CancellationToken callerGone);
}

/// <summary>The answer to accepting a durable request.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Refused">Null: accepted. Otherwise why nothing was kept.</param>
/// <param name="Detail">For people.</param>
public sealed record DurableAccepted(RequestId Id, Verdict? Refused, string Detail);

using Switchboard.Abstractions.Requests;
using Switchboard.Api.Requests;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Durable;

/// <summary>Accepts requests that are kept until they end with a response or expire.</summary>
internal interface IDurableRequests
{
    /// <summary>Accepts a request, and starts to deliver it.</summary>
    Task<DurableAccepted> AcceptAsync(CallerRequest request, DurableTerms terms, CancellationToken cancellationToken);

    /// <summary>Waits until an accepted request has ended.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="wait">The time to wait, counted from <paramref name="arrivedTimestamp"/>.</param>
    /// <param name="arrivedTimestamp"><see cref="TimeProvider.GetTimestamp"/> when the request arrived.</param>
    /// <param name="callerGone">Ends the wait; the request is kept.</param>
    /// <returns>The report; null: it has not ended in that time, or its state is unknown.</returns>
    Task<RequestReport?> WhenEndedAsync(RequestId id, TimeSpan wait, long arrivedTimestamp, CancellationToken callerGone);
}

/// <summary>Holds what a caller asks for a durable request.</summary>
/// <param name="TimeToLive">How long it may take until it ends.</param>
/// <param name="Watched">Whether its caller waits for its end.</param>
internal readonly record struct DurableTerms(TimeSpan TimeToLive, bool Watched = false);

/// <summary>Represents the outcome of accepting a durable request.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Refused">Null: accepted. Otherwise the verdict; nothing was kept.</param>
/// <param name="Detail">The detail, for display.</param>
/// <param name="Durable">Whether it survives the loss of every process.</param>
internal sealed record DurableAccepted(RequestId Id, Verdict? Refused, string Detail, bool Durable = false);

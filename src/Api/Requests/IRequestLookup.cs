using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Requests;
using Switchboard.Core.Ids;

namespace Switchboard.Api.Requests;

/// <summary>Looks up requests, live or durable, whichever front door holds them.</summary>
internal interface IRequestLookup
{
    /// <summary>Describes a request; null if it is unknown.</summary>
    Task<RequestReport?> DescribeAsync(RequestId id);

    /// <summary>Cancels a request.</summary>
    Task<CancelResult> CancelAsync(RequestId id);

    /// <summary>Returns the recorded response of a durable request; null if there is none.</summary>
    Task<ResponsePage?> ReadResponseAsync(RequestId id, int fromChunk, CancellationToken cancellationToken);
}

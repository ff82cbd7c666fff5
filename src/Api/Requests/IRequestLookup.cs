using Switchboard.Abstractions.Requests;
using Switchboard.Core.Ids;

namespace Switchboard.Api.Requests;

/// <summary>What became of a request, live or durable, whichever front door holds it.</summary>
public interface IRequestLookup
{
    /// <summary>What is known of it; null where nobody knows it.</summary>
    Task<RequestReport?> DescribeAsync(RequestId id);

    /// <summary>Ends it.</summary>
    Task<CancelResult> CancelAsync(RequestId id);

    /// <summary>The recorded answer of a durable request; null while there is none.</summary>
    Task<StoredAnswer?> GetAnswerAsync(RequestId id);
}

using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Requests;

/// <summary>Describes how a live request ended.</summary>
/// <param name="Id">Its id; also of a rejected one.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="Sent">Whether it was written to the agent.</param>
/// <param name="Started">Whether <see cref="IResponseSink.FirstAsync"/> was called.</param>
/// <param name="Detail">The detail, for display.</param>
internal sealed record RequestResult(RequestId Id, Verdict Verdict, bool Sent, bool Started, string Detail);

using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Requests;

/// <summary>How a live request ended.</summary>
/// <param name="Id">Its id; also of one that was refused.</param>
/// <param name="Verdict">The one verdict.</param>
/// <param name="Sent">Was it written to the agent?</param>
/// <param name="Started">Did anything go to <see cref="IAnswerSink.FirstAsync"/>?</param>
/// <param name="Detail">For people.</param>
public sealed record RequestResult(RequestId Id, Verdict Verdict, bool Sent, bool Started, string Detail);

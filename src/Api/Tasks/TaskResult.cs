using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Tasks;

/// <summary>Describes how a task ended for its caller.</summary>
/// <param name="Id">The task's id; 0 if it got none.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="Begun">Whether it had begun to be applied; null: unknown.</param>
/// <param name="Result">The applier's result, if it was applied.</param>
/// <param name="Detail">The detail, for display; empty if the verdict says everything.</param>
internal readonly record struct TaskResult(RequestId Id, Verdict Verdict, bool? Begun, ReadOnlyMemory<byte> Result, string Detail);

using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Tasks;

/// <summary>How a task ended for its caller.</summary>
/// <param name="Id">The task's id; 0 where it got none.</param>
/// <param name="Verdict">The one verdict.</param>
/// <param name="Begun">Had it begun to be applied? Null: nobody knows.</param>
/// <param name="Result">The applier's result, where it was applied.</param>
/// <param name="Detail">For people; empty where the verdict says it all.</param>
public readonly record struct TaskResult(RequestId Id, Verdict Verdict, bool? Begun, ReadOnlyMemory<byte> Result, string Detail);

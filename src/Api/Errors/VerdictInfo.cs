using Grpc.Core;

namespace Switchboard.Api.Errors;

/// <summary>How one verdict is told to a caller, over either protocol.</summary>
/// <param name="Reason">The stable name, in problem details and in the trailer <c>switchboard-reason</c>.</param>
/// <param name="GrpcStatus">The gRPC status.</param>
/// <param name="HttpStatus">The HTTP status.</param>
/// <param name="Sent">Was the request sent to the agent (the task begun)? Null: either; the request itself knows.</param>
/// <param name="Retry">May it be sent again?</param>
/// <param name="Fault">Whose doing it was.</param>
/// <param name="RetryAfterSeconds">The answer's <c>Retry-After</c>; null: none.</param>
/// <param name="Title">A short sentence for people, the same for every occurrence.</param>
/// <param name="GrpcDetail">The gRPC detail where it is fixed, whatever the occurrence says of itself.</param>
public sealed record VerdictInfo(
    string Reason,
    StatusCode GrpcStatus,
    int HttpStatus,
    bool? Sent,
    Retry Retry,
    Fault Fault,
    int? RetryAfterSeconds,
    string Title,
    string? GrpcDetail = null);

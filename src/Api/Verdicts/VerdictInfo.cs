using Grpc.Core;

namespace Switchboard.Api.Verdicts;

/// <summary>Describes how one verdict is sent to a caller, over either protocol.</summary>
/// <param name="Reason">The stable name, in problem details and in the trailer <c>switchboard-reason</c>.</param>
/// <param name="GrpcStatus">The gRPC status.</param>
/// <param name="HttpStatus">The HTTP status.</param>
/// <param name="Sent">Whether the request was sent to the agent (the task begun); null: either, which the request itself knows.</param>
/// <param name="Retry">Whether it may be sent again.</param>
/// <param name="Fault">Who caused it.</param>
/// <param name="RetryAfterSeconds">The response's <c>Retry-After</c>; null: none.</param>
/// <param name="Title">A short sentence for display, the same for every occurrence.</param>
/// <param name="GrpcDetail">The gRPC detail if it is fixed, whatever the detail of the occurrence.</param>
internal sealed record VerdictInfo(
    string Reason,
    StatusCode GrpcStatus,
    int HttpStatus,
    bool? Sent,
    Retry Retry,
    Fault Fault,
    int? RetryAfterSeconds,
    string Title,
    string? GrpcDetail = null);

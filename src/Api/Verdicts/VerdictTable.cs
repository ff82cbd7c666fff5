using Grpc.Core;
using Switchboard.Core.Requests;
using static Switchboard.Api.Verdicts.Retry;
using static Switchboard.Core.Requests.Verdict;

namespace Switchboard.Api.Verdicts;

/// <summary>
/// Holds the one table of verdicts: REST and gRPC send a verdict by the same row of it. To add a verdict: a member of <see cref="Verdict"/>
/// and a row here; a test compares the two.
/// </summary>
internal static class VerdictTable
{
    private const string NobodyThere = "No agent subscribed for this id";

    private static readonly VerdictInfo[] _lines = Build(
        (Answered, new("answered", StatusCode.OK, 200, true, None, Fault.None, null, "Answered.")),
        (BadRequest, new("bad-request", StatusCode.InvalidArgument, 400, false, Never, Fault.Caller, null, "The request is malformed.")),
        (TooLarge, new("too-large", StatusCode.ResourceExhausted, 413, null, Never, Fault.Caller, null, "Larger than is allowed.")),
        (Unauthenticated, new("unauthenticated", StatusCode.Unauthenticated, 401, false, Never, Fault.Caller, null,
            "Who asks is not known.")),
        (Forbidden, new("forbidden", StatusCode.PermissionDenied, 403, false, Never, Fault.Caller, null, "Not allowed.")),
        (AgentUnknown, new("agent-unknown", StatusCode.NotFound, 404, false, Never, Fault.Caller, null,
            "No such agent was ever seen.", NobodyThere)),
        (AgentOffline, new("agent-offline", StatusCode.NotFound, 503, false, Safe, Fault.Agent, 5,
            "The agent is not connected.", NobodyThere)),
        (Overloaded, new("overloaded", StatusCode.ResourceExhausted, 429, false, Safe, Fault.Gateway, 1, "Too much is under way already.")),
        (Draining, new("draining", StatusCode.Unavailable, 503, false, Safe, Fault.Gateway, 5, "The gateway is stopping.")),
        (Verdict.Unavailable, new("unavailable", StatusCode.Unavailable, 503, false, Safe, Fault.Gateway, 1,
            "The cluster cannot be asked now.")),
        (ExpiredUnsent, new("expired-unsent", StatusCode.DeadlineExceeded, 504, false, Safe, Fault.Gateway, null,
            "Its time was up before it could be sent.")),
        (FirstMessageTimeout, new("first-message-timeout", StatusCode.DeadlineExceeded, 504, true, UnknownOutcome, Fault.Agent, null,
            "The agent did not answer in time.")),
        (Stalled, new("stalled", StatusCode.DeadlineExceeded, 504, true, UnknownOutcome, Fault.Agent, null, "The answer stopped moving.")),
        (AgentDisconnected, new("agent-disconnected", StatusCode.Cancelled, 502, true, UnknownOutcome, Fault.Agent, null,
            "The agent's session ended.", "agent disconnected")),
        (AgentFailed, new("agent-failed", StatusCode.Aborted, 502, true, UnknownOutcome, Fault.Agent, null, "The agent failed to answer.")),
        (CallerCancelled, new("caller-cancelled", StatusCode.Cancelled, 499, null, None, Fault.Caller, null, "The caller went away.")),
        (DuplicateId, new("duplicate-id", StatusCode.AlreadyExists, 409, false, Never, Fault.Caller, null, "The id is in use already.")),
        (NotFound, new("not-found", StatusCode.NotFound, 404, false, Never, Fault.Caller, null, "There is nothing by that name.")),
        (MethodNotAllowed, new("method-not-allowed", StatusCode.Unimplemented, 405, false, Never, Fault.Caller, null,
            "That method does not work here.")),
        (UnsupportedMediaType, new("unsupported-media-type", StatusCode.InvalidArgument, 415, false, Never, Fault.Caller, null,
            "The content type is not understood here.")),
        (Expired, new("expired", StatusCode.DeadlineExceeded, 410, null, None, Fault.Agent, null, "Its time to live was over.")),
        (StorageFull, new("storage-full", StatusCode.ResourceExhausted, 507, false, Safe, Fault.Gateway, 60,
            "There is no room to keep it.")),
        (AnswerNotKept, new("answer-not-kept", StatusCode.FailedPrecondition, 409, true, Never, Fault.Gateway, null,
            "The agent answered, and its answer could not be kept.")),
        (TaskOutcomeUnknown, new("task-outcome-unknown", StatusCode.DeadlineExceeded, 504, true, UnknownOutcome, Fault.Agent, null,
            "Its time was up while it was being applied.")),
        (ApplierFailed, new("applier-failed", StatusCode.Aborted, 500, true, UnknownOutcome, Fault.Agent, null,
            "Applying the task failed.")),
        (Internal, new("internal", StatusCode.Internal, 500, null, UnknownOutcome, Fault.Gateway, null,
            "Something went wrong in the gateway.", "internal")));

    /// <summary>Finds a verdict by its reason; null if there is none of that name.</summary>
    public static Verdict? Find(string? reason)
    {
        var index = Array.FindIndex(_lines, line => line.Reason == reason);
        return index < 0 ? null : (Verdict)index;
    }

    /// <summary>Returns the verdict's row.</summary>
    public static VerdictInfo Get(Verdict verdict) => _lines[(int)verdict];

    private static VerdictInfo[] Build(params (Verdict Verdict, VerdictInfo Info)[] lines)
    {
        var table = new VerdictInfo[Enum.GetValues<Verdict>().Length];
        foreach (var (verdict, info) in lines)
        {
            table[(int)verdict] = info;
        }

        return Array.TrueForAll(table, static line => line is not null)
            ? table
            : throw new InvalidOperationException("A verdict has no line in the table.");
    }
}

namespace Switchboard.Api.Requests;

/// <summary>Requests whose callers wait on an open call.</summary>
public interface ILiveRequests
{
    /// <summary>
    /// Sends a request to its agent and streams the answer to <paramref name="sink"/>. Never throws for what can be expected.
    /// </summary>
    /// <param name="request">What is asked.</param>
    /// <param name="sink">The caller's stream. Not used any more when the task has ended.</param>
    /// <param name="callerGone">Fires when the caller went away: the request ends <c>caller-cancelled</c> at once.</param>
    Task<RequestResult> SendAsync(CallerRequest request, IAnswerSink sink, CancellationToken callerGone);

    /// <summary>Requests that have not ended, durable ones under way at this front door too.</summary>
    int Pending { get; }
}

namespace Switchboard.Api.Requests;

/// <summary>Forwards requests whose callers wait on an open call.</summary>
internal interface IRequestForwarder
{
    /// <summary>
    /// Sends a request to its agent and streams the response to <paramref name="sink"/>. Never throws for expected failures.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="sink">The caller's stream. Not used any more when the task has completed.</param>
    /// <param name="callerGone">Fires when the caller went away: the request ends <c>caller-cancelled</c> at once.</param>
    Task<RequestResult> SendAsync(CallerRequest request, IResponseSink sink, CancellationToken callerGone);

    /// <summary>The number of requests that have not ended, including durable ones under way at this front door.</summary>
    int Pending { get; }
}

namespace Switchboard.Client;

/// <summary>
/// Writes the response to one request. The response ends when the handler returns; a handler that writes nothing sends status 200 with
/// an empty body.
/// </summary>
public interface IResponseWriter
{
    /// <summary>Gets or sets the HTTP status of the response, from 200 to 599. The default value is 200.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not from 200 to 599.</exception>
    /// <exception cref="InvalidOperationException">The first part of the response has already been sent.</exception>
    int Status { get; set; }

    /// <summary>Gets the headers of the response. Changes after the first write are not sent.</summary>
    IDictionary<string, string> Headers { get; }

    /// <summary>
    /// Sends a part of the body and waits until the gateway has accepted it, so that the agent writes no faster than the caller reads.
    /// A buffer over 1 MiB is sent as several messages. Only one write may run at a time.
    /// </summary>
    /// <param name="buffer">The bytes to send. They must not change before the returned task completes.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <exception cref="OperationCanceledException">The gateway has ended the response, or <paramref name="cancellationToken"/> was
    /// cancelled. In the first case the handler's token is cancelled too.</exception>
    /// <exception cref="InvalidOperationException">Another write is running, or the response has ended.</exception>
    Task WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default);

    /// <summary>
    /// Ends the request as failed: the caller gets reason <c>agent-failed</c>. Nothing can be written afterwards.
    /// </summary>
    /// <param name="reason">The error message that is sent to the gateway. It must not be empty.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is empty or white space.</exception>
    /// <exception cref="OperationCanceledException">The gateway has ended the response, or <paramref name="cancellationToken"/> was
    /// cancelled.</exception>
    /// <exception cref="InvalidOperationException">Another write is running, or the response has ended.</exception>
    Task FailAsync(string reason, CancellationToken cancellationToken = default);
}

namespace Switchboard.Client;

/// <summary>Answers one request. The answer ends when the handler returns; one that wrote nothing answers 200 with an empty body.</summary>
public interface IAnswerWriter
{
    /// <summary>The answer's HTTP-like status, 200 to 599; 200 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to something else.</exception>
    /// <exception cref="InvalidOperationException">Set after the first write.</exception>
    int Status { get; set; }

    /// <summary>The answer's headers. They count until the first write.</summary>
    IDictionary<string, string> Headers { get; }

    /// <summary>
    /// Sends one part of the body and waits until the gateway has taken it: no faster than the caller reads. A part over 1 MiB goes as
    /// several messages. One write at a time.
    /// </summary>
    /// <exception cref="OperationCanceledException">Nobody waits for this answer any more; the handler's token is cancelled
    /// too.</exception>
    Task WriteAsync(ReadOnlyMemory<byte> part, CancellationToken cancellationToken = default);

    /// <summary>Ends the request as failed: the caller gets <c>agent-failed</c>. Nothing can be written after it.</summary>
    /// <param name="reason">What the gateway is told; never empty.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task FailAsync(string reason, CancellationToken cancellationToken = default);
}

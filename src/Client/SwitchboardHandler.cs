namespace Switchboard.Client;

/// <summary>
/// Handles one request. Handlers run concurrently. An exception fails the request with reason <c>agent-failed</c>; its message is logged
/// and not sent.
/// </summary>
/// <param name="request">The request to handle.</param>
/// <param name="response">Writes the response.</param>
/// <param name="cancellationToken">Cancelled when the request has ended at the gateway, or when the agent stops.</param>
/// <returns>A task whose completion ends the response.</returns>
public delegate Task SwitchboardHandler(SwitchboardRequest request, IResponseWriter response, CancellationToken cancellationToken);

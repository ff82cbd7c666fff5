namespace Switchboard.Client;

/// <summary>
/// Answers one request. Many run at once. An exception makes the request fail as <c>agent-failed</c>, without its text.
/// </summary>
/// <param name="request">What is asked.</param>
/// <param name="answer">Where the answer goes.</param>
/// <param name="cancelled">Cancelled as soon as nobody waits for the answer any more, or the agent stops.</param>
public delegate Task SwitchboardHandler(SwitchboardRequest request, IAnswerWriter answer, CancellationToken cancelled);

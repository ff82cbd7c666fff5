namespace Switchboard.Client.Serving;

/// <summary>Why an agent leaves a session, and what it does next.</summary>
/// <param name="Next">What to do.</param>
/// <param name="Wait">How long the gateway, or a rule, wants it to stay away, beside the back-off.</param>
/// <param name="Held">Whether the session was up for a while, so that the back-off starts anew.</param>
/// <param name="Detail">For people to read.</param>
/// <param name="Error">Where <paramref name="Next"/> is to stop, what the agent ends with; else the error that ended the session, if
/// any.</param>
internal sealed record SessionEnd(AfterGoAway Next, TimeSpan Wait, bool Held, string Detail, Exception? Error);

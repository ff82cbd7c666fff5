namespace Switchboard.Core.Requests;

/// <summary>Decides what the end of an attempt at a durable request means: the request's end, or another attempt after a while.</summary>
public static class DurableRetry
{
    /// <summary>The wait where the session takes no more at the moment.</summary>
    public static readonly TimeSpan Full = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait between two attempts, and how long an attempt must have lasted for the waits to start over.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>The wait after the second attempt; doubles from there.</summary>
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Returns whether a verdict concerns this attempt only, so that another follows. With any other the next attempt would end the same way
    /// (the agent refused it, it is too large).
    /// </summary>
    public static bool IsTriedAgain(Verdict verdict) => verdict is Verdict.AgentDisconnected
        or Verdict.FirstMessageTimeout or Verdict.Stalled or Verdict.ExpiredUnsent
        or Verdict.AgentOffline or Verdict.AgentUnknown or Verdict.Overloaded
        or Verdict.Draining or Verdict.Unavailable or Verdict.CallerCancelled or Verdict.Internal;

    /// <summary>
    /// Returns the wait until the next attempt: none after a first one, or one that lasted, so that it comes before what was accepted later. An
    /// agent that takes a request and drops its session at once must not be sent it again and again; later ones may pass it then.
    /// </summary>
    /// <param name="attempt">The number of the attempt that has ended, from 1.</param>
    /// <param name="lasted">How long it lasted.</param>
    public static TimeSpan After(uint attempt, TimeSpan lasted)
    {
        if (attempt <= 1 || lasted >= Longest)
        {
            return TimeSpan.Zero;
        }

        var wait = _second * (1 << (int)Math.Min(attempt - 2, 20));
        return wait < Longest ? wait : Longest;
    }
}

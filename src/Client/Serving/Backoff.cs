namespace Switchboard.Client.Serving;

/// <summary>
/// Computes the delays of an exponential backoff with full jitter: each delay is drawn evenly between the minimum and a ceiling that
/// doubles with each failure, so that agents which lost the same gateway do not reconnect at the same moment.
/// </summary>
internal sealed class Backoff(TimeSpan minDelay, TimeSpan maxDelay, Func<double> nextRandom)
{
    private int _failures;

    /// <summary>Counts a failure and returns the next delay, between the minimum and the maximum.</summary>
    /// <param name="ceiling">A lower maximum for this delay, or <see langword="null"/>.</param>
    public TimeSpan Next(TimeSpan? ceiling = null)
    {
        // 2^40 of the smallest minimum that the options allow is far beyond the maximum, and no number overflows on the way.
        _failures = Math.Min(_failures + 1, 40);
        var most = ceiling is { } lower && lower < maxDelay ? lower : maxDelay;
        var highest = TimeSpan.FromSeconds(Math.Min(minDelay.TotalSeconds * Math.Pow(2, _failures), most.TotalSeconds));
        return highest > minDelay ? minDelay + ((highest - minDelay) * Math.Clamp(nextRandom(), 0, 1)) : minDelay;
    }

    /// <summary>Resets the count of failures.</summary>
    public void Reset() => _failures = 0;
}

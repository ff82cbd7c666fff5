namespace Switchboard.Client.Serving;

/// <summary>
/// How long to wait before the next try: drawn evenly between the least wait and a ceiling that doubles with each failure (full
/// jitter), so that agents which lost the same gateway do not come back at the same moment.
/// </summary>
internal sealed class Backoff(TimeSpan least, TimeSpan most, Func<double> draw)
{
    private int _failures;

    /// <summary>The next wait, between the least and the most.</summary>
    public TimeSpan Next()
    {
        // 2^40 of the least wait that the options allow is far beyond the most, and no number overflows on the way.
        _failures = Math.Min(_failures + 1, 40);
        var ceiling = Math.Min(least.TotalSeconds * Math.Pow(2, _failures), most.TotalSeconds);
        return least + ((TimeSpan.FromSeconds(ceiling) - least) * Math.Clamp(draw(), 0, 1));
    }

    /// <summary>A session held: the next failure is a first one again.</summary>
    public void Reset() => _failures = 0;
}

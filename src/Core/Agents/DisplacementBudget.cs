namespace Switchboard.Core.Agents;

/// <summary>
/// How often sessions of one agent may displace one another. Two processes that use one id would do it for ever, as fast as they can
/// connect; an agent that reconnects now and then never notices this.
/// </summary>
/// <remarks>
/// A bucket of tokens, kept as the one moment at which it would be full again. Not thread-safe: an agent's grain turns are its lock.
/// </remarks>
/// <param name="burst">How many displacements may follow one another at once, after a quiet time; at least 1.</param>
/// <param name="interval">After what time another one may follow; more than zero.</param>
public sealed class DisplacementBudget(int burst, TimeSpan interval)
{
    private TimeSpan _fullAt = TimeSpan.MinValue;
    private bool _slowed;

    /// <summary>A session is about to displace another.</summary>
    /// <param name="now">The time.</param>
    /// <returns>Null: it may. Else nothing was taken, and it is to ask again after this time, which is never more than the interval.</returns>
    public TimeSpan? Take(TimeSpan now)
    {
        // Full: what was too fast is over, and the next time is news again.
        if (_fullAt <= now)
            (_fullAt, _slowed) = (now, false);
        TimeSpan wait = _fullAt + interval - (now + (burst * interval));
        if (wait > TimeSpan.Zero)
            return wait;
        _fullAt += interval;
        return null;
    }

    /// <summary>True once an episode: from the first connect that has to wait until the budget is whole again.</summary>
    public bool IsNews()
    {
        bool news = !_slowed;
        _slowed = true;
        return news;
    }
}

namespace Switchboard.Core.Agents;

/// <summary>
/// Limits how often sessions of one agent may displace one another. Two processes that use one id would do it for ever, as fast as they can
/// connect; an agent that reconnects now and then never reaches the limit.
/// </summary>
/// <remarks>
/// A token bucket, represented by the time at which it is full again. Not thread-safe: an agent's grain turns are its lock.
/// </remarks>
/// <param name="burst">The number of displacements that may follow one another at once, after a quiet period; at least 1.</param>
/// <param name="interval">The time after which another one may follow; more than zero.</param>
public sealed class DisplacementBudget(int burst, TimeSpan interval)
{
    private TimeSpan _fullAt = TimeSpan.MinValue;
    private bool _slowed;

    /// <summary>Takes a token for a displacement.</summary>
    /// <param name="now">The time.</param>
    /// <returns>
    /// Null: it may displace. Otherwise nothing was taken, and this is the time after which to ask again, never more than the interval.
    /// </returns>
    public TimeSpan? Take(TimeSpan now)
    {
        // Full: the episode has ended, and the next wait is logged again.
        if (_fullAt <= now)
        {
            (_fullAt, _slowed) = (now, false);
        }

        var wait = _fullAt + interval - (now + (burst * interval));
        if (wait > TimeSpan.Zero)
        {
            return wait;
        }

        _fullAt += interval;
        return null;
    }

    /// <summary>Returns true once an episode, which lasts from the first connect that has to wait until the bucket is full again.</summary>
    public bool IsNews()
    {
        var news = !_slowed;
        _slowed = true;
        return news;
    }
}

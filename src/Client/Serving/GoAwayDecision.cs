namespace Switchboard.Client.Serving;

/// <summary>What an agent does after a go_away.</summary>
internal enum AfterGoAway
{
    /// <summary>Open a new session now and let the old one finish.</summary>
    Overlap,

    /// <summary>Let the session end, then connect again.</summary>
    Rejoin,

    /// <summary>End.</summary>
    Stop,
}

/// <summary>The rules of <c>go_away</c> (DESIGN.md, section 4), as a function.</summary>
internal readonly record struct GoAwayDecision(AfterGoAway Next, TimeSpan Wait)
{
    // A gateway that is wrong about the time must not send an agent away for years.
    private static readonly TimeSpan _longest = TimeSpan.FromDays(1);

    /// <summary>What to do.</summary>
    /// <param name="reason">The gateway's reason; one that is not known goes by <paramref name="reconnectAfter"/> alone.</param>
    /// <param name="reconnectAfter">When the gateway wants the agent back; null for never.</param>
    /// <param name="rejoinDelay">How long a displaced agent stays away before it takes its id back; null where it ends.</param>
    public static GoAwayDecision For(string reason, TimeSpan? reconnectAfter, TimeSpan? rejoinDelay)
    {
        var wait = Clamp(reconnectAfter ?? TimeSpan.Zero);
        return reason switch
        {
            // A draining gateway ends, the agent does not: it needs another gateway, whatever the message leaves out.
            "draining" => new(AfterGoAway.Overlap, wait),
            "displaced" when rejoinDelay is { } least => new(AfterGoAway.Rejoin, wait > least ? wait : least),
            "displaced" => new(AfterGoAway.Stop, default),
            _ when reconnectAfter is null => new(AfterGoAway.Stop, default),
            _ => new(AfterGoAway.Rejoin, wait),
        };
    }

    private static TimeSpan Clamp(TimeSpan wait) => wait < TimeSpan.Zero ? TimeSpan.Zero : wait > _longest ? _longest : wait;
}

namespace Switchboard.Client.Serving;

/// <summary>Decides what an agent does after a <c>go_away</c>, by the rules of the wire contract.</summary>
/// <param name="Next">What the agent does.</param>
/// <param name="Wait">The delay before it does so.</param>
internal readonly record struct GoAwayDecision(AfterGoAway Next, TimeSpan Wait)
{
    // A gateway that is wrong about the time must not send an agent away for years.
    private static readonly TimeSpan _maxWait = TimeSpan.FromDays(1);

    /// <summary>Decides for one message.</summary>
    /// <param name="reason">The gateway's reason. For an unknown one, <paramref name="reconnectAfter"/> alone decides.</param>
    /// <param name="reconnectAfter">The delay after which the gateway expects the agent back, or <see langword="null"/> for never.</param>
    /// <param name="rejoinDelay">The delay before a displaced agent takes its id back, or <see langword="null"/> where it
    /// stops.</param>
    public static GoAwayDecision For(string reason, TimeSpan? reconnectAfter, TimeSpan? rejoinDelay)
    {
        var wait = Clamp(reconnectAfter ?? TimeSpan.Zero);
        return reason switch
        {
            // A draining gateway ends, the agent does not: it needs another gateway, whatever the message leaves out.
            "draining" => new(AfterGoAway.Overlap, wait),
            "displaced" when rejoinDelay is { } minimum => new(AfterGoAway.Rejoin, wait > minimum ? wait : minimum),
            "displaced" => new(AfterGoAway.Stop, default),
            _ when reconnectAfter is null => new(AfterGoAway.Stop, default),
            _ => new(AfterGoAway.Rejoin, wait),
        };
    }

    private static TimeSpan Clamp(TimeSpan wait) => wait < TimeSpan.Zero ? TimeSpan.Zero : wait > _maxWait ? _maxWait : wait;
}

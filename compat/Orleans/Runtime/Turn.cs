namespace Orleans.Runtime;

/// <summary>
/// Something that a <see cref="TurnHost"/> is asked to do and to which the rule of one at a time applies: a call or a timer's tick.
/// </summary>
internal abstract class Turn : ITurnItem
{
    /// <summary>Who is to do it; changes when the turn is sent on to a new activation.</summary>
    public TurnHost? Host { get; set; }

    /// <summary>Runs whatever else runs.</summary>
    public abstract bool AlwaysInterleaves { get; }

    /// <summary>Runs beside others that are read-only.</summary>
    public abstract bool IsReadOnly { get; }

    /// <summary>Counts as use, so that an idle grain is kept.</summary>
    public abstract bool KeepsAlive { get; }

    /// <summary>Nobody waits for it any more (timed out, cancelled, disposed): it is dropped if it has not begun.</summary>
    public abstract bool IsOver { get; }

    /// <summary>Does it, in the host's turn. What it throws has been dealt with when the task ends: the task never fails.</summary>
    public abstract Task RunAsync(TurnHost host);

    /// <summary>It cannot be done.</summary>
    public abstract void Refuse(Exception exception);

    /// <summary>The host goes away before it began: sends it to the next activation, or drops it.</summary>
    public abstract void Forward();

    void ITurnItem.Run() => Host!.Arrive(this);
}

namespace Switchboard.Core.Agents;

/// <summary>
/// Decides how many of a front door's sessions are asked to connect anew, because it holds more than its share of the cluster's: after a
/// rolling restart the front door that restarted last has none.
/// </summary>
/// <remarks>
/// Not thread-safe. A front door does not choose where its agents connect next, the balancer in front of it does, and each may come back
/// here. So a front door gives away what it has above the mean and never goes below it: whatever the balancer does, no two front doors pass
/// the same agents to and fro. It begins above a margin, ends at half of it, and gives away at most half of its surplus at a time, because
/// the others' counts are as old as their last renewals.
/// </remarks>
public sealed class SessionBalance
{
    /// <summary>The minimum of sessions above the mean from which on any are moved.</summary>
    public const int LeastMargin = 10;

    /// <summary>The part of the mean above it from which on any are moved.</summary>
    public const double Margin = 0.2;

    private readonly double _rate;
    private readonly TimeSpan _settledAfter;

    /// <summary>Initializes a balance.</summary>
    /// <param name="rate">The maximum part of the sessions that is moved at a time; at least one is.</param>
    /// <param name="settledAfter">The time since the last front door joined or left before which none is moved.</param>
    public SessionBalance(double rate, TimeSpan settledAfter)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate);
        _rate = rate;
        _settledAfter = settledAfter;
    }

    /// <summary>Gets whether sessions are being moved: the surplus has been above the margin, and is still above half of it.</summary>
    public bool IsMoving { get; private set; }

    /// <summary>Decides once for each renewal.</summary>
    /// <param name="held">The sessions here whose agents have not been asked to connect elsewhere.</param>
    /// <param name="cluster">The cluster's sessions, these among them.</param>
    /// <returns>How many to move now.</returns>
    public int Next(int held, ClusterSessions cluster)
    {
        // While front doors come and go the counts mean nothing: agents are on their way. A total below what is here was not counted.
        if (cluster.FrontDoors < 2 || cluster.Unchanged < _settledAfter || cluster.Total < held)
        {
            Settle();
            return 0;
        }

        var mean = (double)cluster.Total / cluster.FrontDoors;
        var margin = MarginOf(mean);
        var surplus = held - mean;
        IsMoving = surplus > (IsMoving ? margin / 2 : margin);
        return IsMoving ? (int)Math.Min(Math.Max(1, held * _rate), Math.Ceiling(surplus / 2)) : 0;
    }

    /// <summary>Notes that none are to be moved: the next surplus has to be above the margin again.</summary>
    public void Settle() => IsMoving = false;

    /// <summary>Returns the number of sessions above the mean that is left as it is.</summary>
    public static double MarginOf(double mean) => Math.Max(mean * Margin, LeastMargin);
}

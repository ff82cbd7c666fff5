namespace Switchboard.Core.Agents;

/// <summary>
/// Remembers the agents that were asked to connect elsewhere, so that one which came back to the same front door is left alone for a while.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class RestingAgents
{
    private readonly Dictionary<AgentKey, TimeSpan> _until = [];

    // In the order of their times: each rests equally long.
    private readonly Queue<AgentKey> _order = new();
    private readonly int _capacity;
    private readonly TimeSpan _rest;

    /// <summary>Initializes without any.</summary>
    /// <param name="capacity">The maximum number of agents; at least 1.</param>
    /// <param name="rest">How long an agent is left alone.</param>
    public RestingAgents(int capacity, TimeSpan rest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
        _rest = rest;
    }

    /// <summary>The number of agents that are remembered.</summary>
    public int Count => _until.Count;

    /// <summary>Returns whether an agent was asked lately.</summary>
    public bool IsResting(AgentKey agent, TimeSpan now) => _until.TryGetValue(agent, out var until) && until > now;

    /// <summary>Remembers an agent that is about to be asked.</summary>
    /// <returns>False: it was asked lately, or as many as are remembered were; it is not to be asked.</returns>
    public bool TryAdd(AgentKey agent, TimeSpan now)
    {
        while (_order.TryPeek(out var oldest) && _until[oldest] <= now)
        {
            _until.Remove(_order.Dequeue());
        }

        if (_until.Count == _capacity || !_until.TryAdd(agent, now + _rest))
        {
            return false;
        }

        _order.Enqueue(agent);
        return true;
    }
}

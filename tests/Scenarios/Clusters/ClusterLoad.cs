using System.Collections.Concurrent;
using System.Globalization;
using Switchboard.TestSupport;

namespace Switchboard.Scenarios.Clusters;

/// <summary>One request of the load.</summary>
/// <param name="Agent">For whom.</param>
/// <param name="Body">What only this request says.</param>
/// <param name="Node">The node that was called, the last one where the caller moved.</param>
/// <param name="Began">When, since the load began.</param>
/// <param name="Ended">When, since the load began.</param>
/// <param name="End">How.</param>
/// <param name="Moves">How many nodes refused it before, unsent, because they were about to go.</param>
internal sealed record LoadCall(ClusterAgent Agent, string Body, GatewayProcess Node, TimeSpan Began, TimeSpan Ended, CallerEnd End, int Moves);

/// <summary>
/// Callers at each of some nodes, over both protocols, that call one agent after another until they are told to stop. Those of a node that
/// has ended end with it; by <see cref="MoveTo"/> they call another one instead.
/// </summary>
internal sealed class ClusterLoad : IAsyncDisposable
{
    private const int LeastCallersOfEachKind = 3;
    private const int AgentsACaller = 100;
    private const int MostMoves = 10;

    // Some hundred calls a second of all together: the test is about who gets what, not about throughput, and two cores have everything.
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _time = TimeProvider.System;
    private readonly IReadOnlyList<ClusterAgent> _agents;
    private readonly ConcurrentQueue<LoadCall> _calls = new();

    // When the last call began that each agent has responded to.
    private readonly ConcurrentDictionary<ClusterAgent, TimeSpan> _served = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _callers = [];
    private readonly long _start;
    private volatile GatewayProcess[] _refuge = [];

    public ClusterLoad(IEnumerable<GatewayProcess> nodes, IReadOnlyList<ClusterAgent> agents)
    {
        _agents = agents;
        _start = _time.GetTimestamp();
        foreach (var node in nodes)
        {
            CallAt(node);
        }
    }

    /// <summary>The time since the load began.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_start);

    public IReadOnlyCollection<LoadCall> Calls => _calls;

    /// <summary>Has callers begin at a node, as many as at the others.</summary>
    public void CallAt(GatewayProcess node)
    {
        foreach (var over in Enumerable.Repeat<Func<GatewayProcess, ClusterCaller>[]>(
            [ClusterCaller.OverGrpc, ClusterCaller.OverRest], LeastCallersOfEachKind + (_agents.Count / AgentsACaller)).SelectMany(static both => both))
        {
            var number = _callers.Count;
            _callers.Add(Task.Run(() => RunAsync(node, over, number)));
        }
    }

    /// <summary>From now on, who is refused because a node is about to go calls one of these with the same request, and stays there.</summary>
    public void MoveTo(IEnumerable<GatewayProcess> nodes) => _refuge = [.. nodes];

    /// <summary>Waits until every agent has responded to a call that began after a moment.</summary>
    public Task UntilAllAreServedAsync(TimeSpan since, TimeSpan within) => Eventually.IsTrueAsync(
        () => !Unserved(since).Any(), () => $"not served: {string.Join(", ", Unserved(since))}; {Summary(c => c.Began >= since)}", within);

    /// <summary>Waits until so many more calls have ended.</summary>
    public Task UntilMoreAsync(int calls)
    {
        var until = _calls.Count + calls;
        return Eventually.IsTrueAsync(() => _calls.Count >= until, () => $"{_calls.Count} calls have ended of {until}");
    }

    /// <summary>Has the callers finish what they have begun.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_callers).DefaultTimeout();
    }

    /// <summary>
    /// Holds every verdict against the agents' own journals: what was not sent came to nobody, what was answered came once and to its own
    /// agent, and nothing came twice.
    /// </summary>
    public void AssertTold()
    {
        var received = _agents.SelectMany(static a => a.Journal.Select(j => (Body: j.Key, Agent: a, Times: j.Value))).ToLookup(static j => j.Body);
        foreach (var call in _calls)
        {
            var journals = received[call.Body].ToList();
            Assert.True(journals.All(j => j.Agent == call.Agent && j.Times == 1), $"{call} came to {string.Join(", ", journals)}");
            if (call.End.IsAnswered)
            {
                Assert.True(journals.Count == 1 && call.End.Text == call.Body, $"{call} came to {journals.Count}");
            }
            else if (call.End.Sent == false)
            {
                Assert.True(journals.Count == 0, $"{call} was sent all the same");
            }
        }
    }

    /// <summary>How many calls ended how, for people.</summary>
    public string Summary(Func<LoadCall, bool>? which = null) => string.Join(", ", _calls.Where(which ?? (static _ => true))
        .GroupBy(static c => $"{c.End.Reason ?? "no verdict"}{(c.End.Sent == false ? " (unsent)" : "")}{(c.Moves > 0 ? " elsewhere" : "")}")
        .OrderByDescending(static g => g.Count())
        .Select(static g => string.Create(CultureInfo.InvariantCulture, $"{g.Key}: {g.Count()} ({g.Min(c => c.Ended.TotalSeconds):f1} to {g.Max(c => c.Ended.TotalSeconds):f1} s)")));

    /// <summary>How long after a moment each agent had responded to a call that began then, in order.</summary>
    public List<TimeSpan> ServedAfter(TimeSpan since) => [.. _calls.Where(c => c.Began >= since && c.End.IsAnswered)
        .GroupBy(static c => c.Agent).Select(g => g.Min(static c => c.Ended) - since).Order()];

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private IEnumerable<ClusterAgent> Unserved(TimeSpan since) =>
        _agents.Where(a => !_served.TryGetValue(a, out var began) || began < since);

    private async Task RunAsync(GatewayProcess node, Func<GatewayProcess, ClusterCaller> over, int number)
    {
        var caller = over(node);
        try
        {
            // Each begins at another agent.
            for (var i = number * 7; !_stop.IsCancellationRequested && node.Lives; i++)
            {
                var agent = _agents[i % _agents.Count];
                var body = string.Create(CultureInfo.InvariantCulture, $"{number}-{i}");
                var began = Now;
                var end = await caller.CallAsync(agent.Id, body);
                var moves = 0;
                for (var refuge = _refuge; end.MayMove && refuge.Length > 0 && moves < MostMoves; moves++, refuge = _refuge)
                {
                    caller.Dispose();
                    node = refuge[(number + moves) % refuge.Length];
                    caller = over(node);
                    end = await caller.CallAsync(agent.Id, body);
                }

                _calls.Enqueue(new(agent, body, node, began, Now, end, moves));
                if (end.IsAnswered)
                {
                    _served.AddOrUpdate(agent, began, (_, latest) => latest > began ? latest : began);
                }

                await Task.Delay(_pause, _time, CancellationToken.None);
            }
        }
        finally
        {
            caller.Dispose();
        }
    }
}

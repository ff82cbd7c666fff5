using System.Collections.Concurrent;
using System.Globalization;
using Switchboard.TestSupport;

namespace Switchboard.Scenarios.Clusters;

/// <summary>One request of the load.</summary>
/// <param name="Agent">For whom.</param>
/// <param name="Body">What only this request says.</param>
/// <param name="Node">The caller's node.</param>
/// <param name="Began">When, since the load began.</param>
/// <param name="Ended">When, since the load began.</param>
/// <param name="End">How.</param>
internal sealed record LoadCall(ClusterAgent Agent, string Body, GatewayProcess Node, TimeSpan Began, TimeSpan Ended, CallerEnd End);

/// <summary>Callers at each of some nodes, over both protocols, that call one agent after another until they are told to stop.</summary>
internal sealed class ClusterLoad : IAsyncDisposable
{
    private const int CallersOfEachKind = 3;

    // A few hundred calls a second of all together: the test is about who gets what, not about throughput.
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(10);

    private readonly TimeProvider _time = TimeProvider.System;
    private readonly IReadOnlyList<ClusterAgent> _agents;
    private readonly ConcurrentQueue<LoadCall> _calls = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _callers = [];
    private readonly long _start;

    public ClusterLoad(IEnumerable<GatewayProcess> nodes, IReadOnlyList<ClusterAgent> agents)
    {
        _agents = agents;
        _start = _time.GetTimestamp();
        foreach (var node in nodes)
        {
            foreach (var caller in Enumerable.Range(0, CallersOfEachKind).SelectMany(_ => ClusterCaller.OverBoth(node)))
            {
                var number = _callers.Count;
                _callers.Add(Task.Run(() => RunAsync(node, caller, number)));
            }
        }
    }

    /// <summary>The time since the load began.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_start);

    public IReadOnlyCollection<LoadCall> Calls => _calls;

    /// <summary>Waits until every agent, or every one that counts, has responded to a call that began after a moment.</summary>
    public Task UntilAllAreServedAsync(TimeSpan since, TimeSpan within) => Eventually.IsTrueAsync(
        () => Unserved(since).Count == 0, () => $"not served: {string.Join(", ", Unserved(since))}", within);

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
        .GroupBy(static c => $"{c.End.Reason ?? "no verdict"}{(c.End.Sent == false ? " (unsent)" : "")}").OrderByDescending(static g => g.Count())
        .Select(static g => string.Create(CultureInfo.InvariantCulture, $"{g.Key}: {g.Count()} ({g.Min(c => c.Ended.TotalSeconds):f1} to {g.Max(c => c.Ended.TotalSeconds):f1} s)")));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private List<string> Unserved(TimeSpan since)
    {
        var served = _calls.Where(c => c.Began >= since && c.End.IsAnswered).Select(static c => c.Agent).ToHashSet();
        return [.. _agents.Where(a => !served.Contains(a)).Select(static a => a.Id)];
    }

    private async Task RunAsync(GatewayProcess node, ClusterCaller caller, int number)
    {
        using (caller)
        {
            // Each begins at another agent.
            for (var i = number * 7; !_stop.IsCancellationRequested && node.Lives; i++)
            {
                var agent = _agents[i % _agents.Count];
                var body = string.Create(CultureInfo.InvariantCulture, $"{number}-{i}");
                var began = Now;
                var end = await caller.CallAsync(agent.Id, body);
                _calls.Enqueue(new(agent, body, node, began, Now, end));
                await Task.Delay(_pause, _time, CancellationToken.None);
            }
        }
    }
}

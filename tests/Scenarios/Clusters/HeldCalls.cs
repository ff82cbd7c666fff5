using System.Globalization;
using Switchboard.TestSupport;

namespace Switchboard.Scenarios.Clusters;

/// <summary>Requests that are with agents for as long as a test wants, while other nodes are lost: over both protocols, from each of some nodes to an agent at each.</summary>
internal sealed class HeldCalls : IDisposable
{
    // Longer than a node that hangs takes to be found.
    private static readonly TimeSpan _timeout = TimeSpan.FromMinutes(3);

    private static int _rounds;

    private readonly List<ClusterAgent> _agents;
    private readonly List<ClusterCaller> _callers;
    private readonly List<(string Body, Task<CallerEnd> End)> _calls = [];

    private HeldCalls(List<ClusterCaller> callers, List<ClusterAgent> agents) => (_callers, _agents) = (callers, agents);

    /// <summary>Sends them, and waits until each is with its agent.</summary>
    public static async Task<HeldCalls> BeginAsync(IReadOnlyCollection<GatewayProcess> nodes, ClusterAgents agents)
    {
        var round = Interlocked.Increment(ref _rounds);
        var held = new HeldCalls([.. nodes.SelectMany(ClusterCaller.OverBoth)], [.. nodes.Select(n => agents.At(n).FirstOrDefault()).OfType<ClusterAgent>()]);
        foreach (var caller in held._callers)
        {
            held._calls.AddRange(held._agents.Select((agent, i) =>
            {
                var body = string.Create(CultureInfo.InvariantCulture, $"{ClusterAgent.Held}{round} {held._calls.Count} {i}");
                return (body, CallAsync(agent, body));
            }));

            async Task<CallerEnd> CallAsync(ClusterAgent agent, string body) => await caller.CallAsync(agent.Id, body, _timeout);
        }

        var bodies = held._calls.Select(static c => c.Body).ToList();
        await Eventually.IsTrueAsync(
            () => bodies.All(b => held._agents.Any(a => a.Journal.ContainsKey(b))), () => "not all of the held requests have reached their agents");
        return held;
    }

    /// <summary>Has the agents respond: each request is answered, none having come twice.</summary>
    public async Task AssertAnsweredAsync()
    {
        _agents.ForEach(static a => a.Release());
        foreach (var (body, end) in _calls)
        {
            Assert.Equal(new CallerEnd(CallerEnd.Answered, true, body), await end.DefaultTimeout());
            Assert.Equal(1, _agents.Sum(a => a.Journal.GetValueOrDefault(body)));
        }
    }

    public void Dispose() => _callers.ForEach(static c => c.Dispose());
}

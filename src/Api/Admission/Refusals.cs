using Switchboard.Api.Telemetry;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Admission;

/// <summary>
/// Counts what is refused by each limit, and says which it was. Past a limit this is what runs most: where the limit is the same as the
/// last time, so is its sentence, and nothing is allocated.
/// </summary>
internal sealed class Refusals(SwitchboardMeter meter)
{
    private static readonly (string Name, string Words)[] Table =
    [
        ("agent.in_flight", "the agent has as many requests in flight as it takes, {0}"),
        ("agent.queued", "as many requests wait to be sent to the agent as may, {0}"),
        ("agent.queued_bytes", "the requests that wait to be sent to the agent hold as many bytes as they may, {0}"),
        ("agent.request_rate", "the agent is asked more often than it may be, {0} times a second"),
        ("agent.connect_rate", "the agent connects more often than it may, {0} times a second"),
        ("agent.waiting", "as many requests wait for the agent to connect as may, {0}"),
        ("caller.in_flight", "this caller has as many requests in flight as it may, {0}"),
        ("caller.request_rate", "this caller asks more often than it may, {0} times a second"),
        ("process.in_flight", "as many requests are in flight at this front door as may be, {0}"),
        ("process.bytes", "requests and answers hold as many bytes at this front door as they may, {0}"),
        ("process.request_rate", "this front door is asked more often than it may be, {0} times a second"),
        ("process.connect_rate", "agents connect to this front door more often than they may, {0} times a second"),
        ("process.sessions", "as many sessions are open at this front door as may be, {0}"),
        ("process.waiting", "as many requests wait at this front door for agents to connect as may, {0}"),
        ("process.connections", "as many connections are open as may be, {0}"),
        ("address.connections", "as many connections come from one address as may, {0}"),
    ];

    private readonly Sentence?[] _last = new Sentence?[Table.Length];

    /// <summary>The names of all limits, as the metric's attribute has them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Select(static line => line.Name)];

    /// <summary>Something is refused.</summary>
    /// <param name="limit">By which limit.</param>
    /// <param name="value">How much it allows.</param>
    /// <returns>What the one who asked is told.</returns>
    public string Count(AdmissionLimit limit, long value)
    {
        meter.Refused(Table[(int)limit].Name);
        // Two threads may each make one, and either stays: they differ in nothing.
        Sentence? last = _last[(int)limit];
        if (last is null || last.Value != value)
            _last[(int)limit] = last = new Sentence(value, Say(limit, value));
        return last.Text;
    }

    /// <summary>A session refuses a request.</summary>
    /// <param name="refusal">By which limit.</param>
    /// <returns>What the one who asked is told.</returns>
    public string Count(TakeResult refusal) => Count(
        refusal.Limit switch
        {
            SessionLimit.InFlight => AdmissionLimit.AgentInFlight,
            SessionLimit.Queued => AdmissionLimit.AgentQueued,
            _ => AdmissionLimit.AgentQueuedBytes,
        },
        refusal.Value);

    private static string Say(AdmissionLimit limit, long value)
    {
        (string name, string words) = Table[(int)limit];
        return $"{string.Format(System.Globalization.CultureInfo.InvariantCulture, words, value)} ({name})";
    }

    private sealed record Sentence(long Value, string Text);
}

using Switchboard.Api.Telemetry;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Admission;

/// <summary>
/// Counts what each limit rejects, and returns the text that names the limit. This is the busiest path past a limit: if the limit is the
/// same as the last time, its text is reused, and nothing is allocated.
/// </summary>
internal sealed class LimitRejections(SwitchboardMeter meter)
{
    private static readonly (string Name, string Words)[] _table =
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
        ("agent.durable", "as many durable requests of the agent are open as may be, {0}"),
        ("agent.durable_bytes", "the open durable requests of the agent hold as many bytes as they may, {0}"),
        ("tenant.durable", "as many durable requests of the tenant are open as may be, {0}"),
        ("tenant.durable_bytes", "the open durable requests of the tenant hold as many bytes as they may, {0}"),
        ("process.durable", "as many durable requests are kept as may be, {0}"),
        ("process.durable_bytes", "durable requests and their answers hold as many bytes as they may, {0}"),
    ];

    private readonly Sentence?[] _last = new Sentence?[_table.Length];

    /// <summary>The names of all limits, as the metric's attribute has them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _table.Select(static line => line.Name)];

    /// <summary>Counts a rejection.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="value">The value of the limit.</param>
    /// <returns>The text for the client.</returns>
    public string Count(AdmissionLimit limit, long value)
    {
        meter.Refused(_table[(int)limit].Name);
        // Two threads may each create one, and either is kept: they are equal.
        var last = _last[(int)limit];
        if (last is null || last.Value != value)
        {
            _last[(int)limit] = last = new Sentence(value, Say(limit, value));
        }

        return last.Text;
    }

    /// <summary>Counts a request that a session refused.</summary>
    /// <param name="refusal">The limit that refused it.</param>
    /// <returns>The text for the client.</returns>
    public string Count(TakeResult refusal) => Count(
        refusal.Limit switch
        {
            SessionLimit.InFlight => AdmissionLimit.AgentInFlight,
            SessionLimit.Queued => AdmissionLimit.AgentQueued,
            _ => AdmissionLimit.AgentQueuedBytes,
        },
        refusal.Value);

    /// <summary>Counts a request that a durable request's grain refused.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="value">The value of the limit.</param>
    /// <returns>The text for the client.</returns>
    public string Count(DurableLimit limit, long value) => Count(
        limit switch
        {
            DurableLimit.AgentRequests => AdmissionLimit.AgentDurable,
            DurableLimit.AgentBytes => AdmissionLimit.AgentDurableBytes,
            DurableLimit.TenantRequests => AdmissionLimit.TenantDurable,
            DurableLimit.TenantBytes => AdmissionLimit.TenantDurableBytes,
            DurableLimit.ProcessRequests => AdmissionLimit.ProcessDurable,
            _ => AdmissionLimit.ProcessDurableBytes,
        },
        value);

    private static string Say(AdmissionLimit limit, long value)
    {
        (var name, var words) = _table[(int)limit];
        return $"{string.Format(System.Globalization.CultureInfo.InvariantCulture, words, value)} ({name})";
    }

    private sealed record Sentence(long Value, string Text);
}

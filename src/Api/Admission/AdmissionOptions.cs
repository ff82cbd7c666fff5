using System.ComponentModel.DataAnnotations;

namespace Switchboard.Api.Admission;

/// <summary>
/// Provides options for admission, in addition to <c>Requests:MaxPending</c> and the limits of one agent (<c>Sessions</c>). docs/limits.md
/// lists every limit in one table. Rates are whole numbers a second; 0 is no limit.
/// </summary>
public sealed class AdmissionOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Admission";

    private const int MostPerSecond = 100_000;

    /// <summary>
    /// The maximum of bytes that this process holds of requests that are not sent and of responses that are not read at which a new request
    /// is admitted. Requests under way may exceed it. The default is 512 MiB.
    /// </summary>
    [Range(typeof(long), "8388608", "1099511627776")]
    public long MaxBytesHeld { get; set; } = 536_870_912;

    /// <summary>
    /// Requests a second of this process. The default is 0: no limit; the capacity of a machine has to be measured on it.
    /// </summary>
    [Range(0, MostPerSecond)]
    public int MaxRequestsPerSecond { get; set; }

    /// <summary>Requests a second to one agent. The default is 0: no limit; <c>max_in_flight</c> bounds its concurrent requests.</summary>
    [Range(0, MostPerSecond)]
    public int MaxRequestsPerSecondPerAgent { get; set; }

    /// <summary>
    /// Requests a second of one caller, which is one remote address. The default is 0: no limit; a proxy makes all callers one.
    /// </summary>
    [Range(0, MostPerSecond)]
    public int MaxRequestsPerSecondPerCaller { get; set; }

    /// <summary>
    /// Requests in flight of one caller, which is one remote address. The default is 0: no limit; a proxy makes all callers one.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxInFlightPerCaller { get; set; }

    /// <summary>
    /// Connects of agents a second to this process. The default is 10,000: a fleet that reconnects at once is admitted as fast as a large
    /// machine can serve it; a small machine is slower by itself.
    /// </summary>
    [Range(0, MostPerSecond)]
    public int MaxConnectsPerSecond { get; set; } = 10_000;

    /// <summary>Connects a second of one agent, all its processes together. The default is 1,000, which no correct agent reaches.</summary>
    [Range(0, MostPerSecond)]
    public int MaxConnectsPerSecondPerAgent { get; set; } = 1000;

    /// <summary>The time whose tokens may be taken at once, of each rate; always at least one. The default is 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan RateBurst { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The maximum number of busy agents, and of busy callers, whose rates are limited separately; all others share one. The default is
    /// 100,000.
    /// </summary>
    [Range(1, 10_000_000)]
    public int RatesTracked { get; set; } = 100_000;

    /// <summary>
    /// The maximum number of callers that wait here for an agent that is offline (<c>connect-wait</c>), and of those that wait for a
    /// durable response (<c>respond-async, wait=n</c>). The default is 10,000.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxWaiting { get; set; } = 10_000;

    /// <summary>The maximum number of callers that wait here for the same agent. The default is 100.</summary>
    [Range(1, 1_000_000)]
    public int MaxWaitingPerAgent { get; set; } = 100;
}

using System.ComponentModel.DataAnnotations;

namespace Switchboard.Api.Admission;

/// <summary>
/// How much is let in, beside <c>Requests:MaxPending</c> and what an agent takes (<c>Sessions</c>). docs/limits.md has every limit in one
/// table. Rates are whole numbers a second; 0 is no limit.
/// </summary>
public sealed class AdmissionOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Admission";

    private const int MostPerSecond = 100_000;

    /// <summary>
    /// Bytes that this process may hold of requests that are not sent and of answers that are not taken, for a new request to be let in.
    /// What is under way goes on past it. The default is 512 MiB.
    /// </summary>
    [Range(typeof(long), "8388608", "1099511627776")]
    public long MaxBytesHeld { get; set; } = 536_870_912;

    /// <summary>Requests a second of this process. The default is 0: no limit; what a machine can do has to be measured on it.</summary>
    [Range(0, MostPerSecond)]
    public int MaxRequestsPerSecond { get; set; }

    /// <summary>Requests a second to one agent. The default is 0: no limit; <c>max_in_flight</c> bounds what it takes at once.</summary>
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
    /// Connects of agents a second to this process. The default is 10,000: a fleet that comes back at once is let in as fast as a large
    /// machine can; a small one is slowed by how fast it answers.
    /// </summary>
    [Range(0, MostPerSecond)]
    public int MaxConnectsPerSecond { get; set; } = 10_000;

    /// <summary>Connects a second of one agent, all its processes together. The default is 1,000: no honest agent comes near it.</summary>
    [Range(0, MostPerSecond)]
    public int MaxConnectsPerSecondPerAgent { get; set; } = 1000;

    /// <summary>So much time's worth of each rate may come at once, and always one. The default is 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan RateBurst { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How many agents' and how many callers' rates are told apart at once, of those that are busy; all others share one. The default is
    /// 100,000.
    /// </summary>
    [Range(1, 10_000_000)]
    public int RatesTracked { get; set; } = 100_000;

    /// <summary>
    /// Callers that wait here at once for an agent that is away (<c>connect-wait</c>), and as many again that wait for a durable answer
    /// (<c>respond-async, wait=n</c>). The default is 10,000.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxWaiting { get; set; } = 10_000;

    /// <summary>Callers that wait here at once for one and the same agent that is away. The default is 100.</summary>
    [Range(1, 1_000_000)]
    public int MaxWaitingPerAgent { get; set; } = 100;
}

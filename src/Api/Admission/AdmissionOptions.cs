using System.ComponentModel.DataAnnotations;

namespace Switchboard.Api.Admission;

/// <summary>How much is let in. docs/limits.md has every limit in one table.</summary>
public sealed class AdmissionOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Admission";

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

using System.ComponentModel.DataAnnotations;

namespace Switchboard.Api.Tasks;

/// <summary>
/// Provides options for the limits and times of tasks at the front door. The capacity of a queue is in <c>Switchboard:Grains</c>.
/// </summary>
public sealed class TaskOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Tasks";

    /// <summary>The one deadline of a task, from its request's arrival to its response. The default is 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The maximum length of the body, in bytes. The default is 1.5 MiB, as in etcd.</summary>
    [Range(1, 67_108_864)]
    public int MaxBodyBytes { get; set; } = 1_572_864;

    /// <summary>The maximum number of callers of this process that wait for a task. The default is 100,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxWaiting { get; set; } = 100_000;
}

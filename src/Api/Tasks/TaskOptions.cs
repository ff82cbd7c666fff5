using System.ComponentModel.DataAnnotations;

namespace Switchboard.Api.Tasks;

/// <summary>Limits and times of tasks, as the front door keeps them. How many a queue holds is <c>Switchboard:Grains</c>.</summary>
public sealed class TaskOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Tasks";

    /// <summary>The one deadline of a task, from its request's arrival to its answer. The default is 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest body, in bytes. The default is 1.5 MiB, as etcd has it.</summary>
    [Range(1, 67_108_864)]
    public int MaxBodyBytes { get; set; } = 1_572_864;

    /// <summary>Callers of this process that wait for a task at once. The default is 100,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxWaiting { get; set; } = 100_000;
}

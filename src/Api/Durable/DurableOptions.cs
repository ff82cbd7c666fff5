using System.ComponentModel.DataAnnotations;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Durable;

/// <summary>Provides options for durable requests: how many are kept, and for how long. They hold for the whole storage.</summary>
public sealed class DurableOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Durable";

    /// <summary>The maximum number of open requests of one agent; beyond it callers get <c>overloaded</c>. The default is 10,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxPerAgent { get; set; } = 10_000;

    /// <summary>
    /// The maximum of bytes of the open requests of one agent; its first always passes. Beyond it callers get <c>overloaded</c>. The default
    /// is 256 MiB.
    /// </summary>
    [Range(65_536, 1L << 50)]
    public long MaxBytesPerAgent { get; set; } = 256L * 1024 * 1024;

    /// <summary>The maximum number of open requests of one tenant; beyond it callers get <c>overloaded</c>. The default is 1,000,000.</summary>
    [Range(1, 100_000_000)]
    public int MaxPerTenant { get; set; } = 1_000_000;

    /// <summary>
    /// The maximum of bytes of the open requests of one tenant; its first always passes. Beyond it callers get <c>overloaded</c>. The default
    /// is 4 GiB.
    /// </summary>
    [Range(65_536, 1L << 50)]
    public long MaxBytesPerTenant { get; set; } = 4L * 1024 * 1024 * 1024;

    /// <summary>
    /// The maximum number of requests that are kept, open or ended; beyond it callers get <c>storage-full</c>. The default is 2,000,000.
    /// </summary>
    [Range(1, 100_000_000)]
    public int MaxRequests { get; set; } = 2_000_000;

    /// <summary>
    /// The maximum of bytes of those, responses included; beyond it callers get <c>storage-full</c>, and a response that finds no room is not
    /// kept. Where they are kept in memory, at most a quarter of what the process may use. The default is 16 GiB.
    /// </summary>
    [Range(65_536, 1L << 50)]
    public long MaxBytes { get; set; } = 16L * 1024 * 1024 * 1024;

    /// <summary>How long a request and its response are kept after its end. The default is 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long an attempt may take to the first message of its response. The default is 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan FirstMessage { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Returns the bounds, the bytes reduced to a maximum.</summary>
    internal DurableBounds Bounds(long maxBytes = long.MaxValue) => new()
    {
        PerAgent = MaxPerAgent,
        BytesPerAgent = MaxBytesPerAgent,
        PerTenant = MaxPerTenant,
        BytesPerTenant = MaxBytesPerTenant,
        Requests = MaxRequests,
        Bytes = Math.Min(MaxBytes, maxBytes),
    };
}

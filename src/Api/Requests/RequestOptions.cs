using System.ComponentModel.DataAnnotations;
using Switchboard.Abstractions;

namespace Switchboard.Api.Requests;

/// <summary>Provides options for the limits and times of requests.</summary>
public sealed class RequestOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Requests";

    /// <summary>
    /// The maximum length of a message that stock gRPC clients accept, in bytes: a longer one would end an agent's whole subscription.
    /// </summary>
    public const int LongestMessage = 4_194_304;

    /// <summary>How long a caller that gives no timeout waits for the first message. The default is 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan DefaultTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The maximum timeout of a caller. The default is 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan MaxTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The maximum pause between two messages of a response, and the maximum time of one write to a caller. The default is 60 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The maximum serialised length of a message, in bytes. The default, 4,194,304, is what stock gRPC clients accept.</summary>
    [Range(1024, LongestMessage)]
    public int MaxMessageBytes { get; set; } = LongestMessage;

    /// <summary>
    /// How long a gRPC message may take to arrive from its first byte to its last. Between messages there is no limit. The default is 30 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan MaxMessageTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The minimum rate, in bytes a second, of a gRPC message that has begun to arrive; counted after its first 5 s. The default is 1,024;
    /// 0 is no limit.
    /// </summary>
    [Range(0, 1_048_576)]
    public int MinMessageRate { get; set; } = 1024;

    /// <summary>The maximum length of the response to a durable request, all messages together, in bytes. The default is 16 MiB.</summary>
    [Range(0, 67_108_864)]
    [FormerName("MaxStoredAnswerBytes")]
    public int MaxStoredResponseBytes { get; set; } = 16_777_216;

    /// <summary>The maximum number of requests under way in this process. The default is 100,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxPending { get; set; } = 100_000;

    /// <summary>
    /// The number of bytes of one response that wait here for its caller at which the agent's call is not read any further. The default is
    /// 256 KiB.
    /// </summary>
    [Range(1, 67_108_864)]
    [FormerName("AnswerWindowBytes")]
    public int ResponseWindowBytes { get; set; } = 262_144;

    /// <summary>The number of ended requests whose summaries are kept, without their content. The default is 10,000.</summary>
    [Range(1, 1_000_000)]
    public int HistorySize { get; set; } = 10_000;

    /// <summary>The number of agents whose routes are cached. The default is 100,000.</summary>
    [Range(2, 10_000_000)]
    public int RouteCacheSize { get; set; } = 100_000;

    /// <summary>The time to live of a durable request whose caller gives none. The default is 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan DefaultTimeToLive { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The maximum time to live of a durable request. The default is 7 days.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan MaxTimeToLive { get; set; } = TimeSpan.FromDays(7);
}

using System.ComponentModel.DataAnnotations;

namespace Switchboard.Api.Requests;

/// <summary>Limits and times of requests.</summary>
public sealed class RequestOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Requests";

    /// <summary>What stock gRPC clients accept, in bytes: a longer message would end an agent's whole subscription.</summary>
    public const int LongestMessage = 4_194_304;

    /// <summary>How long a caller who does not say waits for the first message. The default is 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan DefaultTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest that a caller may ask for. The default is 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan MaxTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest pause between two messages of an answer, and the longest that one write to a caller may take. The default is 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest message as serialised, in bytes. The default, 4,194,304, is what stock gRPC clients accept.</summary>
    [Range(1024, LongestMessage)]
    public int MaxMessageBytes { get; set; } = LongestMessage;

    /// <summary>
    /// How long a gRPC message may take from its first byte to its last, as it comes in. Between messages there is no limit. The default is
    /// 30 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan MaxMessageTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many bytes a second a gRPC message must bring that has begun to come in; counted after its first 5 s. The default is 1,024; 0 is
    /// no such limit.
    /// </summary>
    [Range(0, 1_048_576)]
    public int MinMessageRate { get; set; } = 1024;

    /// <summary>The longest answer of a durable request, all messages together, in bytes. The default is 4 MiB.</summary>
    [Range(0, 67_108_864)]
    public int MaxStoredAnswerBytes { get; set; } = 4_194_304;

    /// <summary>Requests under way in this process at once. The default is 100,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxPending { get; set; } = 100_000;

    /// <summary>How many bytes of one answer wait here for its caller before the agent is read no further. The default is 256 KiB.</summary>
    [Range(1, 67_108_864)]
    public int AnswerWindowBytes { get; set; } = 262_144;

    /// <summary>How many ended requests are remembered, without their content. The default is 10,000.</summary>
    [Range(1, 1_000_000)]
    public int HistorySize { get; set; } = 10_000;

    /// <summary>How many agents' routes are remembered. The default is 100,000.</summary>
    [Range(2, 10_000_000)]
    public int RouteCacheSize { get; set; } = 100_000;

    /// <summary>How long a durable request lives where the caller does not say. The default is 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan DefaultTimeToLive { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The longest that a durable request may live. The default is 7 days.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan MaxTimeToLive { get; set; } = TimeSpan.FromDays(7);
}

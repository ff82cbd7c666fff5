namespace Switchboard.Client;

/// <summary>What one request says beside its body.</summary>
public sealed record SwitchboardCallOptions
{
    /// <summary>The longest <see cref="Timeout"/> (DESIGN.md, section 6).</summary>
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(10);

    /// <summary>The longest <see cref="ConnectWait"/> (DESIGN.md, section 5).</summary>
    public static readonly TimeSpan LongestConnectWait = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long to wait for the first message of the answer, at most 10 min. Null, the default, takes the gateway's own, 30 s unless it
    /// is set otherwise.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// How long to wait for an agent that is away, within <see cref="Timeout"/> and at most 60 s; the gateway counts in whole seconds, and
    /// a part of one as one. Zero, the default: an agent that is away is an error at once.
    /// </summary>
    public TimeSpan ConnectWait { get; init; }

    /// <summary>Headers for the agent.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The caller's own id of the request, so that the gateway refuses a second one while the first is in flight. Empty by default. It
    /// is not the id that the request gets: that is <see cref="SwitchboardAnswer.RequestId"/>.
    /// </summary>
    public string IdempotencyId { get; init; } = "";
}

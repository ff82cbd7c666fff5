namespace Switchboard.Client;

/// <summary>Provides options for one request of a <see cref="SwitchboardCaller"/>.</summary>
public sealed record SwitchboardCallOptions
{
    /// <summary>The maximum of <see cref="Timeout"/>: 10 minutes.</summary>
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(10);

    /// <summary>The maximum of <see cref="ConnectWait"/>: 60 seconds.</summary>
    public static readonly TimeSpan MaxConnectWait = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Gets the time to wait for the first message of the response, over zero and at most <see cref="MaxTimeout"/>. The default value
    /// is <see langword="null"/>: the gateway's own default applies, which is 30 seconds unless it is configured otherwise.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// Gets the time to wait for an agent that is not connected, within <see cref="Timeout"/> and at most <see cref="MaxConnectWait"/>.
    /// It is sent in whole seconds, rounded up. The default value is zero: an agent that is not connected is an error at once.
    /// </summary>
    public TimeSpan ConnectWait { get; init; }

    /// <summary>Gets the headers that are sent to the agent. Empty by default.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Gets the caller's own key of the request. The gateway refuses a second request with the same key while the first is in flight.
    /// Empty by default, which means none. The id that the gateway assigns is <see cref="SwitchboardResponse.RequestId"/>.
    /// </summary>
    public string IdempotencyKey { get; init; } = "";
}

using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Telemetry;

namespace Switchboard.Api.Durable.Logs;

/// <summary>
/// Stands for a log that there is none of: several processes share no memory, so that a durable request which one of them keeps in its own
/// could not be delivered by another. Nothing is kept, and nothing is accepted.
/// </summary>
internal sealed partial class UnreachableRequestLog : IRequestLog
{
    private const string Why = "durable requests are refused: where several front doors share them they are kept in PostgreSQL, and "
        + "Switchboard:Storage:Provider is not PostgreSql";

    /// <summary>Says in the log that nothing will be accepted.</summary>
    public UnreachableRequestLog(ILogger<UnreachableRequestLog> logger) => Log.Refused(logger, Why);

    public bool SurvivesProcess => false;

    public RequestLogCounts Counts => default;

    public Task<AcceptReply> AcceptAsync(NewRequest request, CancellationToken cancellationToken) =>
        Task.FromException<AcceptReply>(new StorageUnavailableException(Why));

    public Task<LoggedRequest?> FindAsync(ulong id, CancellationToken cancellationToken) => Task.FromResult<LoggedRequest?>(null);

    public Task<QueuedRequests> ReadQueuedAsync(string agentKey, int limit, long maxBytes, CancellationToken cancellationToken) =>
        Task.FromResult(new QueuedRequests([], More: false, NextIn: null));

    public Task<IReadOnlyList<LoggedRequest>> ReadClaimedAsync(string agentKey, int limit, CancellationToken cancellationToken) => None<LoggedRequest>();

    public Task<IReadOnlyList<bool>> ClaimAsync(IReadOnlyList<AttemptClaim> claims, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<bool>>(new bool[claims.Count]);

    public Task<IReadOnlyList<bool>> ReleaseAsync(IReadOnlyList<AttemptRelease> releases, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<bool>>(new bool[releases.Count]);

    public Task<AppendResult> AppendAsync(ResponseChunk chunk, CancellationToken cancellationToken) => Task.FromResult(AppendResult.NotCurrent);

    public Task<EndReply> EndAsync(RequestEnd change, CancellationToken cancellationToken) => Task.FromResult(new EndReply(EndResult.NotFound));

    public Task<ResponsePage?> ReadResponseAsync(ulong id, int fromChunk, long maxBytes, CancellationToken cancellationToken) =>
        Task.FromResult<ResponsePage?>(null);

    public Task<RequestPage> ListAsync(RequestQuery query, CancellationToken cancellationToken) =>
        Task.FromException<RequestPage>(new StorageUnavailableException(Why));

    public Task<IReadOnlyList<EndedRequest>> ExpireAsync(int limit, CancellationToken cancellationToken) => None<EndedRequest>();

    public Task<int> ForgetAsync(int limit, CancellationToken cancellationToken) => Task.FromResult(0);

    public Task<IReadOnlyList<DueRequest>> ReadDueAsync(TimeSpan within, int limit, CancellationToken cancellationToken) => None<DueRequest>();

    public Task<IReadOnlyList<string>> ReadWaitingAgentsAsync(string after, int limit, CancellationToken cancellationToken) => None<string>();

    public Task<IReadOnlyList<ushort>> ReadHoldersAsync(CancellationToken cancellationToken) => None<ushort>();

    public Task<IReadOnlyList<string>> ReleaseHolderAsync(ushort frontDoor, int limit, CancellationToken cancellationToken) => None<string>();

    private static Task<IReadOnlyList<T>> None<T>() => Task.FromResult<IReadOnlyList<T>>([]);

    private static partial class Log
    {
        [LoggerMessage(EventIds.DurableUnreachable, LogLevel.Warning, "{Why}.")]
        public static partial void Refused(ILogger logger, string why);
    }
}

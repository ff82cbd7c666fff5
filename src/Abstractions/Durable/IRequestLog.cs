namespace Switchboard.Abstractions.Durable;

/// <summary>
/// Keeps durable requests and their responses. What a method has reported as done is on the disk, where the storage has one. Every change of
/// a request is a compare-and-set on its state and attempt, so that of racing changes exactly one is made.
/// </summary>
/// <remarks>
/// Times are judged by the storage's clock, of which a cluster has one. Every method throws <see cref="StorageUnavailableException"/> where
/// the storage cannot be asked: a change may have been made or not then, until the request is read again. Thread-safe.
/// </remarks>
public interface IRequestLog
{
    /// <summary>Gets whether what was kept is still there when every process has gone.</summary>
    bool SurvivesProcess { get; }

    /// <summary>Gets what is kept, for measuring; in a cluster some seconds old.</summary>
    RequestLogCounts Counts { get; }

    /// <summary>
    /// Keeps a new request, with the next number of its agent: requests of one agent have numbers in the order in which they were accepted.
    /// </summary>
    /// <exception cref="StorageFullException">The disk is full; nothing was kept.</exception>
    Task<AcceptReply> AcceptAsync(NewRequest request, CancellationToken cancellationToken);

    /// <summary>Returns a request; null if it is unknown.</summary>
    Task<LoggedRequest?> FindAsync(ulong id, CancellationToken cancellationToken);

    /// <summary>Returns the queued requests of an agent whose next attempt is due, in the order of their numbers.</summary>
    /// <param name="agentKey">The agent's grain key.</param>
    /// <param name="limit">The maximum number of them, at least 1.</param>
    /// <param name="maxBytes">The bytes of payload after which no further one is returned; the first is returned in any case.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<QueuedRequests> ReadQueuedAsync(string agentKey, int limit, long maxBytes, CancellationToken cancellationToken);

    /// <summary>Returns the requests of an agent of which a front door has claimed an attempt, in the order of their numbers.</summary>
    Task<IReadOnlyList<LoggedRequest>> ReadClaimedAsync(string agentKey, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Begins attempts, each if its request is queued and its last attempt is the one before: from then on no other front door sends it.
    /// </summary>
    /// <returns>For each claim, in its order, whether it was made.</returns>
    Task<IReadOnlyList<bool>> ClaimAsync(IReadOnlyList<AttemptClaim> claims, CancellationToken cancellationToken);

    /// <summary>
    /// Gives up attempts that came to nothing, each if it is its request's current one: the request is queued again, and what was kept of the
    /// attempt's response is removed.
    /// </summary>
    /// <returns>For each release, in its order, whether it was made.</returns>
    Task<IReadOnlyList<bool>> ReleaseAsync(IReadOnlyList<AttemptRelease> releases, CancellationToken cancellationToken);

    /// <summary>Keeps a part of the response to the current attempt.</summary>
    Task<AppendResult> AppendAsync(ResponseChunk chunk, CancellationToken cancellationToken);

    /// <summary>Ends a request, if it has not ended, and if the attempt that ends it is its current one.</summary>
    Task<EndReply> EndAsync(RequestEnd change, CancellationToken cancellationToken);

    /// <summary>Reads the response of the current attempt, as much of it as is kept.</summary>
    /// <param name="id">The request.</param>
    /// <param name="fromChunk">The index of the first chunk to return.</param>
    /// <param name="maxBytes">The bytes after which no further chunk is returned; one is returned in any case.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if the request is unknown.</returns>
    Task<ResponsePage?> ReadResponseAsync(ulong id, int fromChunk, long maxBytes, CancellationToken cancellationToken);

    /// <summary>Lists requests of an agent, in the order of their numbers.</summary>
    Task<RequestPage> ListAsync(RequestQuery query, CancellationToken cancellationToken);

    /// <summary>Ends requests whose time to live is over with <see cref="Core.Requests.Verdict.Expired"/>.</summary>
    /// <param name="limit">The maximum number of them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Those that were ended.</returns>
    Task<IReadOnlyList<EndedRequest>> ExpireAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Removes requests that ended longer ago than they are kept, with their responses.</summary>
    /// <returns>How many were removed; fewer than <paramref name="limit"/>: there are no more.</returns>
    Task<int> ForgetAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Returns open requests whose time to live ends within a time, the earliest first.</summary>
    Task<IReadOnlyList<DueRequest>> ReadDueAsync(TimeSpan within, int limit, CancellationToken cancellationToken);

    /// <summary>Returns agents with queued requests, in the order of their keys by ordinal, after a key.</summary>
    Task<IReadOnlyList<string>> ReadWaitingAgentsAsync(string after, int limit, CancellationToken cancellationToken);

    /// <summary>Returns the numbers of the front doors that have claimed attempts.</summary>
    Task<IReadOnlyList<ushort>> ReadHoldersAsync(CancellationToken cancellationToken);

    /// <summary>Gives up attempts of a front door that is gone, as <see cref="ReleaseAsync"/> does.</summary>
    /// <returns>The agents whose requests are queued again, each once; fewer attempts than <paramref name="limit"/> were left if it is empty.</returns>
    Task<IReadOnlyList<string>> ReleaseHolderAsync(ushort frontDoor, int limit, CancellationToken cancellationToken);
}

using Microsoft.Data.Sqlite;
using Switchboard.Abstractions.Durable;
using Switchboard.Core.Requests;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>
/// Keeps durable requests in the file of one process. Each call is one write, or one read: writes that are made at once share a commit, and
/// what a call changes is all there after a crash, or nothing of it.
/// </summary>
/// <remarks>Bytes that are given to a call stay as they are until it has ended.</remarks>
internal sealed class SqliteRequestLog : IRequestLog
{
    private readonly Lazy<SqliteDatabase> _database;
    private readonly DurableBounds _bounds;
    private readonly TimeSpan _retention;
    private readonly TimeProvider _time;
    private readonly RequestCounts _counts;

    /// <summary>Initializes the log. What is kept is counted by the first use; until then <see cref="Counts"/> says nothing.</summary>
    /// <param name="database">The file, which is opened by its first use: after the checks of the start, which say what is wrong with it.</param>
    /// <param name="bounds">The limits.</param>
    /// <param name="retention">How long a request is kept after its end.</param>
    /// <param name="time">The clock that times are judged by.</param>
    public SqliteRequestLog(Lazy<SqliteDatabase> database, DurableBounds bounds, TimeSpan retention, TimeProvider time)
    {
        (_database, _bounds, _retention, _time) = (database, bounds, retention, time);
        _counts = new RequestCounts(database);
    }

    /// <inheritdoc />
    public bool SurvivesProcess => true;

    /// <inheritdoc />
    public RequestLogCounts Counts => _counts.Current;

    /// <inheritdoc />
    public Task<AcceptReply> AcceptAsync(NewRequest request, CancellationToken cancellationToken) =>
        WriteAsync(changes => changes.Accept(request), request.Payload.Length, cancellationToken);

    /// <inheritdoc />
    public Task<LoggedRequest?> FindAsync(ulong id, CancellationToken cancellationToken) =>
        ReadAsync(connection => connection.FindRequest(id)?.Request, cancellationToken);

    /// <inheritdoc />
    public Task<QueuedRequests> ReadQueuedAsync(string agentKey, int limit, long maxBytes, CancellationToken cancellationToken) =>
        ReadAsync(connection => connection.ReadQueued(agentKey, limit, maxBytes, _time.GetUtcNow()), cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<LoggedRequest>> ReadClaimedAsync(string agentKey, int limit, CancellationToken cancellationToken) =>
        ReadAsync(connection => connection.ReadClaimed(agentKey, limit), cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<bool>> ClaimAsync(IReadOnlyList<AttemptClaim> claims, CancellationToken cancellationToken) =>
        WriteAsync<IReadOnlyList<bool>>(changes => [.. claims.Select(changes.Claim)], 0, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<bool>> ReleaseAsync(IReadOnlyList<AttemptRelease> releases, CancellationToken cancellationToken) =>
        WriteAsync<IReadOnlyList<bool>>(changes => [.. releases.Select(changes.Release)], 0, cancellationToken);

    /// <inheritdoc />
    public Task<AppendResult> AppendAsync(ResponseChunk chunk, CancellationToken cancellationToken) =>
        WriteAsync(changes => changes.Append(chunk), chunk.Body.Length, cancellationToken);

    /// <inheritdoc />
    public Task<EndReply> EndAsync(RequestEnd change, CancellationToken cancellationToken) =>
        WriteAsync(changes => changes.End(change), change.Last?.Body.Length ?? 0, cancellationToken);

    /// <inheritdoc />
    public Task<ResponsePage?> ReadResponseAsync(ulong id, int fromChunk, long maxBytes, CancellationToken cancellationToken) =>
        ReadAsync(connection => connection.ReadResponse(id, fromChunk, maxBytes), cancellationToken);

    /// <inheritdoc />
    public Task<RequestPage> ListAsync(RequestQuery query, CancellationToken cancellationToken) =>
        ReadAsync(connection => connection.ReadPage(query), cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<EndedRequest>> ExpireAsync(int limit, CancellationToken cancellationToken) =>
        WriteAsync(changes => changes.Expire(limit), 0, cancellationToken);

    /// <inheritdoc />
    public Task<int> ForgetAsync(int limit, CancellationToken cancellationToken) => WriteAsync(changes => changes.Forget(limit), 0, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<DueRequest>> ReadDueAsync(TimeSpan within, int limit, CancellationToken cancellationToken) =>
        ReadAsync(connection => connection.ReadDue(within, limit, _time.GetUtcNow()), cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<string>> ReadWaitingAgentsAsync(string after, int limit, CancellationToken cancellationToken) =>
        ReadAsync(connection => connection.ReadWaitingAgents(after, limit), cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<ushort>> ReadHoldersAsync(CancellationToken cancellationToken) =>
        ReadAsync(static connection => connection.ReadHolders(), cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<string>> ReleaseHolderAsync(ushort frontDoor, int limit, CancellationToken cancellationToken) =>
        WriteAsync(changes => changes.ReleaseHolder(frontDoor, limit), 0, cancellationToken);

    private async Task<T> WriteAsync<T>(Func<RequestChanges, T> work, long bytes, CancellationToken cancellationToken)
    {
        try
        {
            // The time is taken in its turn, so that times rise in the order of the changes.
            var (result, totals) = await _database.Value.WriteAsync(
                connection =>
                {
                    var changes = new RequestChanges(connection, _bounds, _retention, _time.GetUtcNow());
                    return (work(changes), changes.Totals);
                },
                bytes,
                cancellationToken);
            _counts.Publish(totals);
            return result;
        }
        catch (Exception e) when (IsOfStorage(e))
        {
            _counts.Reread();
            throw Translate(e);
        }
    }

    private async Task<T> ReadAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        try
        {
            return await _database.Value.ReadAsync(work, cancellationToken);
        }
        catch (Exception e) when (IsOfStorage(e))
        {
            throw Translate(e);
        }
    }

    private static bool IsOfStorage(Exception e) => e is StorageUnavailableException or SqliteException or ObjectDisposedException;

    // What the file itself has no type for is an outcome that nobody knows, too.
    private static Exception Translate(Exception e) =>
        e as StorageUnavailableException ?? new StorageUnavailableException($"The storage of requests cannot be asked: {e.Message}", e);
}

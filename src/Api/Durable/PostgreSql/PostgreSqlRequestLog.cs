using Npgsql;
using Switchboard.Abstractions.Durable;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Durable.PostgreSql;

/// <summary>
/// Keeps durable requests in PostgreSQL, for any number of processes. Each has one writer, whose transactions hold the writes that came while
/// the one before was under way. The limits of an agent are exact; those of tenants and of the storage are so for one process
/// (<see cref="LogUsage"/>).
/// </summary>
internal sealed class PostgreSqlRequestLog : IRequestLog, IAsyncDisposable, IDisposable
{
    private readonly LogUsage _usage;
    private readonly LogWriter _writer;
    private readonly LogReader _reader;
    private readonly LogSweeps _sweeps;
    private int _refreshing;

    /// <param name="database">The database, with the schema; whoever made it disposes of it, after the log.</param>
    /// <param name="bounds">What is kept at most.</param>
    /// <param name="retention">How long ended requests are kept.</param>
    /// <param name="time">Measures waits. What is stored has the database's time.</param>
    /// <param name="logger">Is told of what fails.</param>
    public PostgreSqlRequestLog(
        NpgsqlDataSource database, DurableBounds bounds, TimeSpan retention, TimeProvider time, ILogger<PostgreSqlRequestLog> logger)
    {
        _usage = new LogUsage(time);
        _writer = new LogWriter(new LogTransaction(database, bounds, _usage, time, logger), time);
        _reader = new LogReader(database, time);
        _sweeps = new LogSweeps(_reader, _writer, retention);
    }

    /// <inheritdoc />
    public bool SurvivesProcess => true;

    /// <inheritdoc />
    public RequestLogCounts Counts
    {
        get
        {
            if (_usage.IsStale)
            {
                _ = RefreshAsync();
            }

            return _usage.Counts;
        }
    }

    /// <inheritdoc />
    public Task<AcceptReply> AcceptAsync(NewRequest request, CancellationToken cancellationToken)
    {
        // A copy: the caller's buffer is the caller's again when the caller no longer waits.
        var kept = request with
        {
            AgentKey = AgentKey.Parse(request.AgentKey).ToString(),
            Method = StoredText.Of(request.Method),
            Payload = request.Payload.ToArray(),
        };
        return _writer.WriteAsync(
            new LogWrite<AcceptReply>(batch => batch.Accept(kept)) { AgentKey = kept.AgentKey, Ids = [kept.Id], Costs = true, Bytes = kept.Payload.Length },
            cancellationToken);
    }

    /// <inheritdoc />
    public async Task<LoggedRequest?> FindAsync(ulong id, CancellationToken cancellationToken) =>
        (await _reader.ReadAsync(LogQueries.Find, RequestColumns.Read, cancellationToken, unchecked((long)id))).SingleOrDefault();

    /// <inheritdoc />
    public Task<QueuedRequests> ReadQueuedAsync(string agentKey, int limit, long maxBytes, CancellationToken cancellationToken) =>
        _reader.ReadQueuedAsync(agentKey, limit, maxBytes, cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<LoggedRequest>> ReadClaimedAsync(string agentKey, int limit, CancellationToken cancellationToken) =>
        await _reader.ReadAsync(LogQueries.Claimed, RequestColumns.Read, cancellationToken, agentKey, limit);

    /// <inheritdoc />
    public Task<IReadOnlyList<bool>> ClaimAsync(IReadOnlyList<AttemptClaim> claims, CancellationToken cancellationToken) => _writer.WriteAsync(
        new LogWrite<IReadOnlyList<bool>>(batch => [.. claims.Select(claim => batch.Claim(claim))]) { Ids = [.. claims.Select(static claim => claim.Id)] },
        cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<bool>> ReleaseAsync(IReadOnlyList<AttemptRelease> releases, CancellationToken cancellationToken) => _writer.WriteAsync(
        new LogWrite<IReadOnlyList<bool>>(batch => [.. releases.Select(release => batch.Release(release))])
        {
            Ids = [.. releases.Select(static release => release.Id)],
            Costs = true,
        },
        cancellationToken);

    /// <inheritdoc />
    public Task<AppendResult> AppendAsync(ResponseChunk chunk, CancellationToken cancellationToken)
    {
        var kept = chunk with { Body = chunk.Body.ToArray() };
        return _writer.WriteAsync(
            new LogWrite<AppendResult>(batch => batch.Append(kept)) { Ids = [kept.Id], Costs = true, Bytes = kept.Body.Length }, cancellationToken);
    }

    /// <inheritdoc />
    public Task<EndReply> EndAsync(RequestEnd change, CancellationToken cancellationToken)
    {
        var kept = change with
        {
            Detail = StoredText.Of(change.Detail),
            Last = change.Last is { } last ? last with { Body = last.Body.ToArray() } : null,
            Hash = change.Hash.ToArray(),
        };
        return _writer.WriteAsync(
            new LogWrite<EndReply>(batch => batch.End(kept)) { Ids = [kept.Id], Costs = true, Bytes = kept.Last?.Body.Length ?? 0 }, cancellationToken);
    }

    /// <inheritdoc />
    public async Task<ResponsePage?> ReadResponseAsync(ulong id, int fromChunk, long maxBytes, CancellationToken cancellationToken) =>
        (await _reader.ReadAsync(
            LogQueries.Response,
            static row => new ResponsePage(
                RequestColumns.Read(row),
                StoredText.Headers(row.GetFieldValue<byte[]>(RequestColumns.Count)),
                [.. row.GetFieldValue<byte[][]>(RequestColumns.Count + 1).Select(static body => new ReadOnlyMemory<byte>(body))]),
            cancellationToken, unchecked((long)id), fromChunk, maxBytes)).SingleOrDefault();

    /// <inheritdoc />
    public async Task<RequestPage> ListAsync(RequestQuery query, CancellationToken cancellationToken)
    {
        var found = await _reader.ReadAsync(
            LogQueries.List(query.Filter), RequestColumns.Read, cancellationToken, query.AgentKey, query.After, query.Limit + 1L);
        if (found.Count <= query.Limit)
        {
            return new RequestPage(found, Next: null);
        }

        found.RemoveAt(query.Limit);
        return new RequestPage(found, found[^1].Number);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<EndedRequest>> ExpireAsync(int limit, CancellationToken cancellationToken) => _sweeps.ExpireAsync(limit, cancellationToken);

    /// <inheritdoc />
    public Task<int> ForgetAsync(int limit, CancellationToken cancellationToken) => _sweeps.ForgetAsync(limit, cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<DueRequest>> ReadDueAsync(TimeSpan within, int limit, CancellationToken cancellationToken) =>
        await _reader.ReadAsync(
            LogQueries.Due,
            static row => new DueRequest(
                unchecked((ulong)row.GetInt64(0)), row.GetFieldValue<DateTimeOffset>(1) - row.GetFieldValue<DateTimeOffset>(2)),
            cancellationToken, LogSweeps.Microseconds(within), limit);

    /// <inheritdoc />
    public async Task<IReadOnlyList<string>> ReadWaitingAgentsAsync(string after, int limit, CancellationToken cancellationToken) =>
        await _reader.ReadAsync(LogQueries.WaitingAgents, static row => row.GetString(0), cancellationToken, after, limit);

    /// <inheritdoc />
    public async Task<IReadOnlyList<ushort>> ReadHoldersAsync(CancellationToken cancellationToken) =>
        await _reader.ReadAsync(LogQueries.Holders, static row => (ushort)row.GetInt32(0), cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<string>> ReleaseHolderAsync(ushort frontDoor, int limit, CancellationToken cancellationToken) =>
        _sweeps.ReleaseHolderAsync(frontDoor, limit, cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    /// <inheritdoc />
    public void Dispose() => _writer.Close();

    private async Task RefreshAsync()
    {
        if (Interlocked.Exchange(ref _refreshing, 1) == 1)
        {
            return;
        }

        try
        {
            // Any transaction reads it first if it is stale.
            await _writer.WriteAsync(new LogWrite<bool>(static _ => true), CancellationToken.None);
        }
        catch (StorageUnavailableException)
        {
            // Old counts are what there is; the writer has said why.
        }
        finally
        {
            Volatile.Write(ref _refreshing, 0);
        }
    }
}

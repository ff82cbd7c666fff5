using Switchboard.Abstractions.Durable;

namespace Switchboard.Api.Durable.PostgreSql;

/// <summary>
/// Changes requests by what they have become: expired, forgettable, or held by a front door that is gone. They are looked for without locks, and
/// changed if it still holds under the lock. Several processes may do the same at once.
/// </summary>
internal sealed class LogSweeps(LogReader reader, LogWriter writer, TimeSpan retention)
{
    private const int MaxPerWrite = 500;

    /// <summary>Ends requests whose time is over.</summary>
    public Task<IReadOnlyList<EndedRequest>> ExpireAsync(int limit, CancellationToken cancellationToken) => RepeatAsync(
        limit,
        count => reader.ReadAsync(LogQueries.Due, static row => unchecked((ulong)row.GetInt64(0)), cancellationToken, 0L, count),
        (ids, batch) => ids.Select(batch.Expire).OfType<EndedRequest>(),
        static id => id,
        cancellationToken);

    /// <summary>Removes requests that ended long ago.</summary>
    public async Task<int> ForgetAsync(int limit, CancellationToken cancellationToken) => (await RepeatAsync(
        limit,
        count => reader.ReadAsync(LogQueries.Forgettable, static row => unchecked((ulong)row.GetInt64(0)), cancellationToken, Microseconds(retention), count),
        (ids, batch) => ids.Where(id => batch.Forget(id, retention)),
        static id => id,
        cancellationToken)).Count;

    /// <summary>Gives up the attempts of a front door.</summary>
    public async Task<IReadOnlyList<string>> ReleaseHolderAsync(ushort frontDoor, int limit, CancellationToken cancellationToken)
    {
        var agents = await RepeatAsync(
            limit,
            count => reader.ReadAsync(
                LogQueries.HeldBy,
                static row => (Id: unchecked((ulong)row.GetInt64(0)), Attempt: (uint)row.GetInt64(1), Agent: row.GetString(2)),
                cancellationToken, (int)frontDoor, count),
            static (held, batch) => held
                .Where(one => batch.Release(new AttemptRelease(one.Id, one.Attempt, Sent: true, RetryIn: TimeSpan.Zero)))
                .Select(static one => one.Agent),
            static one => one.Id,
            cancellationToken);
        return [.. agents.Distinct()];
    }

    /// <summary>Returns a time in microseconds, at most a hundred years: beyond the database's last day no time can be reckoned.</summary>
    public static long Microseconds(TimeSpan time) => Math.Min(time.Ticks, 36_500 * TimeSpan.TicksPerDay) / TimeSpan.TicksPerMicrosecond;

    // Until there are no more or enough are changed: another process may have changed all that was found, which is not to say that none is left.
    private async Task<IReadOnlyList<T>> RepeatAsync<TFound, T>(
        int limit, Func<int, Task<List<TFound>>> find, Func<List<TFound>, LogBatch, IEnumerable<T>> change, Func<TFound, ulong> idOf,
        CancellationToken cancellationToken)
    {
        List<T> changed = [];
        while (changed.Count < limit)
        {
            var count = Math.Min(limit - changed.Count, MaxPerWrite);
            var found = await find(count);
            if (found.Count > 0)
            {
                changed.AddRange(await writer.WriteAsync(
                    new LogWrite<List<T>>(batch => [.. change(found, batch)]) { Ids = [.. found.Select(idOf)], Costs = true }, cancellationToken));
            }

            if (found.Count < count)
            {
                break;
            }
        }

        return changed;
    }
}

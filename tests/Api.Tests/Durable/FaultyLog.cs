using Switchboard.Abstractions.Durable;
using Switchboard.Api.Durable;
using Switchboard.Api.Durable.Logs;

namespace Switchboard.Api.Tests.Durable;

/// <summary>A log in memory whose storage a test takes away.</summary>
internal sealed class FaultyLog : IRequestLog
{
    private readonly MemoryRequestLog _inner = new(new DurableOptions().Bounds(), TimeSpan.FromHours(1), TimeProvider.System);

    /// <summary>What fails, by the method's name; null: nothing.</summary>
    public volatile string? Fails;

    /// <summary>Whether what fails is made all the same, as where the reply is lost.</summary>
    public volatile bool MadeAllTheSame;

    public bool SurvivesProcess => true;

    public RequestLogCounts Counts => _inner.Counts;

    public Task<AcceptReply> AcceptAsync(NewRequest request, CancellationToken cancellationToken) =>
        RunAsync(nameof(AcceptAsync), () => _inner.AcceptAsync(request, cancellationToken));

    public Task<LoggedRequest?> FindAsync(ulong id, CancellationToken cancellationToken) => RunAsync(nameof(FindAsync), () => _inner.FindAsync(id, cancellationToken));

    public Task<QueuedRequests> ReadQueuedAsync(string agentKey, int limit, long maxBytes, CancellationToken cancellationToken) =>
        RunAsync(nameof(ReadQueuedAsync), () => _inner.ReadQueuedAsync(agentKey, limit, maxBytes, cancellationToken));

    public Task<IReadOnlyList<LoggedRequest>> ReadClaimedAsync(string agentKey, int limit, CancellationToken cancellationToken) =>
        _inner.ReadClaimedAsync(agentKey, limit, cancellationToken);

    public Task<IReadOnlyList<bool>> ClaimAsync(IReadOnlyList<AttemptClaim> claims, CancellationToken cancellationToken) =>
        RunAsync(nameof(ClaimAsync), () => _inner.ClaimAsync(claims, cancellationToken));

    public Task<IReadOnlyList<bool>> ReleaseAsync(IReadOnlyList<AttemptRelease> releases, CancellationToken cancellationToken) =>
        RunAsync(nameof(ReleaseAsync), () => _inner.ReleaseAsync(releases, cancellationToken));

    public Task<AppendResult> AppendAsync(ResponseChunk chunk, CancellationToken cancellationToken) =>
        RunAsync(nameof(AppendAsync), () => _inner.AppendAsync(chunk, cancellationToken));

    public Task<EndReply> EndAsync(RequestEnd change, CancellationToken cancellationToken) =>
        RunAsync(nameof(EndAsync), () => _inner.EndAsync(change, cancellationToken));

    public Task<ResponsePage?> ReadResponseAsync(ulong id, int fromChunk, long maxBytes, CancellationToken cancellationToken) =>
        _inner.ReadResponseAsync(id, fromChunk, maxBytes, cancellationToken);

    public Task<RequestPage> ListAsync(RequestQuery query, CancellationToken cancellationToken) => _inner.ListAsync(query, cancellationToken);

    public Task<IReadOnlyList<EndedRequest>> ExpireAsync(int limit, CancellationToken cancellationToken) => _inner.ExpireAsync(limit, cancellationToken);

    public Task<int> ForgetAsync(int limit, CancellationToken cancellationToken) => _inner.ForgetAsync(limit, cancellationToken);

    public Task<IReadOnlyList<DueRequest>> ReadDueAsync(TimeSpan within, int limit, CancellationToken cancellationToken) =>
        _inner.ReadDueAsync(within, limit, cancellationToken);

    public Task<IReadOnlyList<string>> ReadWaitingAgentsAsync(string after, int limit, CancellationToken cancellationToken) =>
        _inner.ReadWaitingAgentsAsync(after, limit, cancellationToken);

    public Task<IReadOnlyList<ushort>> ReadHoldersAsync(CancellationToken cancellationToken) => _inner.ReadHoldersAsync(cancellationToken);

    public Task<IReadOnlyList<string>> ReleaseHolderAsync(ushort frontDoor, int limit, CancellationToken cancellationToken) =>
        _inner.ReleaseHolderAsync(frontDoor, limit, cancellationToken);

    private async Task<T> RunAsync<T>(string name, Func<Task<T>> call)
    {
        if (Fails != name)
        {
            return await call();
        }

        if (MadeAllTheSame)
        {
            await call();
        }

        throw new StorageUnavailableException("the storage is away");
    }
}

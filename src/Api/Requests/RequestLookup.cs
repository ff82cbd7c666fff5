using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Requests;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Ids;

namespace Switchboard.Api.Requests;

/// <summary>Looks a durable request up in the log, and asks a live one's grain, which asks the front door that the id names.</summary>
internal sealed class RequestLookup(IGrainFactory grains, IRequestLog log, GatewayClock clock) : IRequestLookup
{
    /// <summary>The bytes of a response after which a read takes no further part.</summary>
    private const long MaxRead = 256 * 1024;

    public async Task<RequestReport?> DescribeAsync(RequestId id) => id.IsDurable
        ? (await log.FindAsync(id.Value, CancellationToken.None))?.ToReport()
        : await GrainCalls.AskAsync(() => Grain(id).Describe(), clock.Time);

    public Task<CancelResult> CancelAsync(RequestId id) => GrainCalls.AskAsync(() => Grain(id).Cancel(), clock.Time);

    public Task<ResponsePage?> ReadResponseAsync(RequestId id, int fromChunk, CancellationToken cancellationToken) => id.IsDurable
        ? log.ReadResponseAsync(id.Value, fromChunk, MaxRead, cancellationToken)
        : Task.FromResult<ResponsePage?>(null);

    private IRequestGrain Grain(RequestId id) => grains.GetGrain<IRequestGrain>(id.ToString());
}

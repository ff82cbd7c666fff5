using Switchboard.Abstractions.Requests;
using Switchboard.Api.Errors;
using Switchboard.Core.Ids;

namespace Switchboard.Api.Requests;

/// <summary>Asks the request's grain: a durable one knows, a live one's asks the front door that the id names.</summary>
internal sealed class RequestLookup(IGrainFactory grains, GatewayClock clock) : IRequestLookup
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(5);

    public Task<RequestReport?> DescribeAsync(RequestId id) => GrainCalls.AskAsync(() => Grain(id).Describe(), CallLimit, clock.Time);

    public Task<CancelResult> CancelAsync(RequestId id) => GrainCalls.AskAsync(() => Grain(id).Cancel(), CallLimit, clock.Time);

    public Task<StoredAnswer?> GetAnswerAsync(RequestId id) => GrainCalls.AskAsync(() => Grain(id).GetAnswer(), CallLimit, clock.Time);

    private IRequestGrain Grain(RequestId id) => grains.GetGrain<IRequestGrain>(id.ToString());
}

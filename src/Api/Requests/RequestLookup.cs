using Switchboard.Abstractions.Requests;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Ids;

namespace Switchboard.Api.Requests;

/// <summary>Asks the request's grain: a durable one replies itself, a live one's asks the front door that the id names.</summary>
internal sealed class RequestLookup(IGrainFactory grains, GatewayClock clock) : IRequestLookup
{
    public Task<RequestReport?> DescribeAsync(RequestId id) => GrainCalls.AskAsync(() => Grain(id).Describe(), clock.Time);

    public Task<CancelResult> CancelAsync(RequestId id) => GrainCalls.AskAsync(() => Grain(id).Cancel(), clock.Time);

    public Task<StoredResponse?> GetResponseAsync(RequestId id) => GrainCalls.AskAsync(() => Grain(id).GetResponse(), clock.Time);

    private IRequestGrain Grain(RequestId id) => grains.GetGrain<IRequestGrain>(id.ToString());
}

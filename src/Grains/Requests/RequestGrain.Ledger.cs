using Switchboard.Abstractions.Requests;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Grains.Requests;

/// <summary>
/// Maintains what this activation counts for in the silo's ledger. It counts from the moment it is accepted or found again, until it is
/// removed or the activation ends: its count ends with it on every path.
/// </summary>
internal sealed partial class RequestGrain
{
    private Counted? _counted;

    private DurableRefusal? TryCount(RequestEnvelope envelope)
    {
        var (agent, bytes) = (AgentKey.Parse(envelope.AgentKey), DurableCost.OfOpen(envelope.Payload.Length));
        if (ledger.TryAdd(agent, bytes) is { } refusal)
        {
            return refusal;
        }

        _counted = new Counted(agent, bytes, Open: true);
        return null;
    }

    // What is kept has changed, or was found again.
    private void Recount()
    {
        var kept = state.State;
        var open = kept.Report!.Verdict is null;
        var cost = open
            ? DurableCost.OfOpen(kept.Payload.Length)
            : DurableCost.OfEnded(kept.ResponseBody.Length, kept.ResponseHeaders ?? [], kept.Report.Detail);
        switch (_counted)
        {
            case null:
                var agent = AgentKey.Parse(kept.Report.AgentKey);
                ledger.Restore(agent, cost, open);
                _counted = new Counted(agent, cost, open);
                break;
            case { Open: true } was when !open:
                ledger.End(was.Agent, was.Bytes, cost);
                _counted = was with { Bytes = cost, Open = false };
                break;
        }
    }

    private void Uncount()
    {
        if (_counted is not { } was)
        {
            return;
        }

        ledger.Remove(was.Agent, was.Bytes, was.Open);
        _counted = null;
    }

    private bool HasRoomFor(StoredResponse? response) =>
        response is null || _counted is not { Open: true } was
        || ledger.HasRoomFor(DurableCost.OfEnded(response.Body.Length, response.Headers, "") - was.Bytes);

    private readonly record struct Counted(AgentKey Agent, long Bytes, bool Open);
}

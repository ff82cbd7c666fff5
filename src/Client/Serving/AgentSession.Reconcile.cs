using System.Globalization;
using Switchboard.V1;

namespace Switchboard.Client.Serving;

/// <content>Reconciles the gateway's list of live requests with those that run here.</content>
internal sealed partial class AgentSession
{
    private const string UnknownRequest = "the agent does not know this request";

    private readonly LiveComparison _comparison = new();
    private Task _reporting = Task.CompletedTask;

    private void Reconcile(IEnumerable<ulong> listed, AgentGateway.AgentGatewayClient client, CancellationToken stop)
    {
        var (givenUp, unknown) = _comparison.Compare(listed.ToHashSet(), _running.IdsOf(_id));
        foreach (var id in givenUp)
        {
            LogNobodyWaits(Format(id));
            _running.Cancel(_id, Format(id));
        }

        // One report at a time; ids that it does not reach are returned again for the next list.
        if (unknown.Count > 0 && _reporting.IsCompleted)
        {
            _reporting = ReportUnknownAsync(unknown, client, stop);
        }
    }

    /// <summary>Fails the unknown requests one after another, so that no more than one call is open. Never throws.</summary>
    private async Task ReportUnknownAsync(IReadOnlyList<ulong> unknown, AgentGateway.AgentGatewayClient client, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, _ended.Token);
        foreach (var id in unknown)
        {
            if (end.IsCancellationRequested)
            {
                return;
            }

            LogUnknown(Format(id));
            await using var running = new RunningRequest(end.Token);
            await using var response = new ResponseCall(client, Format(id), _id, running);
            try
            {
                await response.FailAsync(UnknownRequest, end.Token);
            }
            catch (OperationCanceledException)
            {
                // The request, or this session, has ended in the meantime.
            }
        }
    }

    private static string Format(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);
}

using System.Globalization;
using Switchboard.V1;

namespace Switchboard.Client.Serving;

/// <content>What only the gateway, or only this agent, knows of is ended.</content>
internal sealed partial class AgentSession
{
    private const string Unknown = "the agent does not know this request";

    private readonly LiveComparison _comparison = new();
    private Task _telling = Task.CompletedTask;

    private void Reconcile(IEnumerable<ulong> listed, AgentGateway.AgentGatewayClient client, CancellationToken stop)
    {
        var (givenUp, forgotten) = _comparison.Take(listed.ToHashSet(), _running.IdsOf(_id));
        foreach (var id in givenUp)
        {
            LogNobodyWaits(Text(id));
            _running.Cancel(_id, Text(id));
        }

        // One round at a time; what it does not come to is named again with the next list.
        if (forgotten.Count > 0 && _telling.IsCompleted)
        {
            _telling = TellAsync(forgotten, client, stop);
        }
    }

    /// <summary>One after another, so that however many there are they take no more than one call's room. Never throws.</summary>
    private async Task TellAsync(IReadOnlyList<ulong> forgotten, AgentGateway.AgentGatewayClient client, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop, _ended.Token);
        foreach (var id in forgotten)
        {
            if (over.IsCancellationRequested)
            {
                return;
            }

            LogUnknown(Text(id));
            await using var running = new RunningRequest(over.Token);
            await using var answer = new AnswerCall(client, Text(id), _id, running);
            try
            {
                await answer.FailAsync(Unknown, over.Token);
            }
            catch (OperationCanceledException)
            {
                // It has ended in the meantime, or this session has.
            }
        }
    }

    private static string Text(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);
}

using Grpc.Core;
using Switchboard.V1;

namespace Switchboard.Client.Serving;

/// <content>One request: handler in, answer out.</content>
internal sealed partial class AgentSession
{
    private const int Overloaded = 503;
    private const string HandlerFailed = "the agent's handler failed";

    /// <summary>Never throws.</summary>
    private async Task ServeAsync(AgentRequest message, AgentGateway.AgentGatewayClient client, RunningRequest running)
    {
        await using var answer = new AnswerCall(client, message.Id, _id, running);
        var request = SwitchboardRequest.From(message, _id);
        using var span = SwitchboardTelemetry.Serve(request);
        try
        {
            await _handler(request, answer, running.Token);
            await answer.FinishAsync();
        }
        catch (Exception error) when (running.Token.IsCancellationRequested)
        {
            LogGivenUp(message.Id, answer.Fault?.StatusCode ?? StatusCode.Cancelled, error.GetType().Name);
        }
#pragma warning disable CA1031 // Whatever a handler throws is this one request's failure, never the agent's.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogHandlerFailed(error, message.Id);
            await FailAsync(answer);
        }
    }

    /// <summary>Says at once that there is no room, so that the caller does not wait out its deadline. Never throws.</summary>
    private async Task RefuseAsync(AgentRequest message, AgentGateway.AgentGatewayClient client, RunningRequest running)
    {
        await using var answer = new AnswerCall(client, message.Id, _id, running) { Status = Overloaded };
        try
        {
            await answer.FinishAsync();
        }
        catch (OperationCanceledException)
        {
            // Nobody waits for it.
        }
    }

    private static async Task FailAsync(AnswerCall answer)
    {
        try
        {
            // The exception's text stays here: it may tell of the agent's insides, and callers are strangers.
            await answer.FailAsync(HandlerFailed);
        }
        catch (Exception error) when (error is OperationCanceledException or InvalidOperationException)
        {
            // Nobody waits for it, or the handler had ended the answer itself before it threw.
        }
    }
}

using Grpc.Core;
using Switchboard.V1;

namespace Switchboard.Client.Serving;

/// <content>Runs the handler of a request and ends its response.</content>
internal sealed partial class AgentSession
{
    private const int Overloaded = 503;
    private const string HandlerFailed = "the agent's handler failed";

    /// <summary>Runs the handler of one request. Never throws.</summary>
    private async Task ServeAsync(AgentRequest message, AgentGateway.AgentGatewayClient client, RunningRequest running)
    {
        await using var response = new ResponseCall(client, message.Id, _id, running);
        var request = SwitchboardRequest.From(message, _id);
        using var activity = SwitchboardTelemetry.StartServe(request);
        try
        {
            await _handler(request, response, running.Token);
            await response.FinishAsync();
        }
        catch (Exception error) when (running.Token.IsCancellationRequested)
        {
            LogGivenUp(message.Id, response.Error?.StatusCode ?? StatusCode.Cancelled, error.GetType().Name);
        }
#pragma warning disable CA1031 // Whatever a handler throws fails its own request, and never the agent.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogHandlerFailed(error, message.Id);
            await FailAsync(response);
        }
    }

    /// <summary>Refuses one request with status 503, so that the caller need not wait for its deadline. Never throws.</summary>
    private async Task RefuseAsync(AgentRequest message, AgentGateway.AgentGatewayClient client, RunningRequest running)
    {
        await using var response = new ResponseCall(client, message.Id, _id, running) { Status = Overloaded };
        try
        {
            await response.FinishAsync();
        }
        catch (OperationCanceledException)
        {
            // The request has ended at the gateway.
        }
    }

    private static async Task FailAsync(ResponseCall response)
    {
        try
        {
            // The exception's message is not sent: it may reveal internals of the agent to a caller that must not know them.
            await response.FailAsync(HandlerFailed);
        }
        catch (Exception error) when (error is OperationCanceledException or InvalidOperationException)
        {
            // The request has ended at the gateway, or the handler had ended the response before it threw.
        }
    }
}

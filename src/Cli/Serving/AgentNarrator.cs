using Switchboard.Cli.CommandLine;
using Switchboard.Client;

namespace Switchboard.Cli.Serving;

/// <summary>Tells the person at the terminal what the agent does: connection and requests, never their content.</summary>
internal sealed class AgentNarrator(TextWriter output, string agentId, Uri address)
{
    private readonly TextWriter _output = TextWriter.Synchronized(output);
    private bool _told;

    /// <summary>A change of the connection.</summary>
    public void Tell(SwitchboardAgentStatus status)
    {
        switch (status.State)
        {
            case SwitchboardAgentState.Connected:
                _told = false;
                _output.WriteLine($"agent {agentId} is connected to {address}; Ctrl-C ends it");
                break;
            case SwitchboardAgentState.Waiting:
                TellWaiting(status);
                break;
            case SwitchboardAgentState.Draining:
                _output.WriteLine("the gateway is stopping; connecting anew");
                break;
            case SwitchboardAgentState.Stopped:
                _output.WriteLine($"agent {agentId} has ended");
                break;
            default:
                break;
        }
    }

    /// <summary>A handler that also tells of each request.</summary>
    public SwitchboardHandler Around(SwitchboardHandler handler) => (request, answer, cancelled) =>
    {
        Tell(request);
        return handler(request, answer, cancelled);
    };

    private void Tell(SwitchboardRequest request) =>
        _output.WriteLine($"request {request.Id} method '{request.Method}', {request.Body.Length} bytes");

    private void TellWaiting(SwitchboardAgentStatus status)
    {
        if (status.Error is SwitchboardException { Reason: SwitchboardException.GatewayUnreachable } && !_told)
        {
            // Once; the next tries are one line each.
            _told = true;
            Trouble.TellUnreachable(_output, address, Addresses.GrpcVariable, status.Detail);
        }

        _output.WriteLine($"not connected ({status.Detail}); trying again in {status.RetryIn.TotalSeconds:0.0} s");
    }
}

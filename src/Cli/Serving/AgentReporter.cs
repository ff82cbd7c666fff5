using Switchboard.Cli.CommandLine;
using Switchboard.Client;

namespace Switchboard.Cli.Serving;

/// <summary>Reports an agent's connection and requests on the terminal, without the content of requests.</summary>
internal sealed class AgentReporter(TextWriter output, string agentId, Uri address)
{
    private readonly TextWriter _output = TextWriter.Synchronized(output);
    private bool _unreachableReported;

    /// <summary>Reports a change of the connection.</summary>
    public void Report(SwitchboardAgentStatus status)
    {
        switch (status.State)
        {
            case SwitchboardAgentState.Connected:
                _unreachableReported = false;
                _output.WriteLine($"agent {agentId} is connected to {address}; Ctrl-C ends it");
                break;
            case SwitchboardAgentState.Waiting:
                ReportWaiting(status);
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

    /// <summary>Returns a handler that reports each request before it handles it.</summary>
    public SwitchboardHandler Wrap(SwitchboardHandler handler) => (request, response, cancellationToken) =>
    {
        Report(request);
        return handler(request, response, cancellationToken);
    };

    private void Report(SwitchboardRequest request) =>
        _output.WriteLine($"request {request.Id} method '{request.Method}', {request.Body.Length} bytes");

    private void ReportWaiting(SwitchboardAgentStatus status)
    {
        if (status.Error is SwitchboardException { Reason: SwitchboardException.GatewayUnreachable } && !_unreachableReported)
        {
            // Only the first time; further attempts are one line each.
            _unreachableReported = true;
            ErrorReporter.WriteUnreachable(_output, address, Addresses.GrpcVariable, status.Detail);
        }

        _output.WriteLine($"not connected ({status.Detail}); trying again in {status.RetryAfter.TotalSeconds:0.0} s");
    }
}

using Grpc.Core;
using Switchboard.Client;

namespace Switchboard.Cli.CommandLine;

/// <summary>Reports errors on standard error and chooses the exit code.</summary>
internal static class ErrorReporter
{
    // The reasons after which a request that was not sent may succeed when it is sent again. A retry does not help after the others,
    // such as an invalid id.
    private static readonly HashSet<string> _retryable = ["agent-offline", "overloaded", "draining", "unavailable", "expired-unsent", "storage-full"];

    /// <summary>Reports the failure of a call or a session, and returns its exit code.</summary>
    public static int Report(Terminal terminal, SwitchboardException error, Uri address)
    {
        if (error.Reason == SwitchboardException.GatewayUnreachable)
        {
            return ReportUnreachable(terminal, address, Addresses.GrpcVariable, error.Message);
        }

        terminal.Error.WriteLine($"switchboard: {error.Reason}: {EndWithPeriod(error.Message)}{SentSentence(error)}");
        return error.Reason switch
        {
            "agent-offline" or "agent-unknown" => ExitCode.AgentUnavailable,
            "first-message-timeout" or "expired-unsent" or "stalled" or SwitchboardException.GatewaySilent => ExitCode.Timeout,
            _ when error.StatusCode == StatusCode.DeadlineExceeded => ExitCode.Timeout,
            _ => ExitCode.Failed,
        };
    }

    /// <summary>Reports an address at which there is no gateway, and returns the exit code.</summary>
    public static int ReportUnreachable(Terminal terminal, Uri address, string variable, string detail)
    {
        WriteUnreachable(terminal.Error, address, variable, detail);
        return ExitCode.Failed;
    }

    /// <summary>Writes the message of <see cref="ReportUnreachable"/>.</summary>
    public static void WriteUnreachable(TextWriter output, Uri address, string variable, string detail)
    {
        output.WriteLine($"switchboard: no gateway answers at {address} ({detail})");
        output.WriteLine("  Start one:            dotnet run --project src/Silo");
        output.WriteLine($"  Or say where one is:  --url, or the environment variable {variable}");
    }

    private static string EndWithPeriod(string text) => text.EndsWith('.') ? text : text + ".";

    private static string SentSentence(SwitchboardException error)
    {
        var sent = error.Sent switch
        {
            true => " The agent had got the request, so it may have done it.",
            false when _retryable.Contains(error.Reason) => " The agent never got it, so trying again is safe.",
            false => " The agent never got it.",
            null => "",
        };
        return error.RequestId is { Length: > 0 } id ? $"{sent} (request {id})" : sent;
    }
}

using Grpc.Core;
using Switchboard.Client;

namespace Switchboard.Cli.CommandLine;

/// <summary>Errors as people read them, and as an exit code.</summary>
internal static class Trouble
{
    // Of what was not sent, what may go better the next time. The rest is wrong by itself: an id that cannot be, a key that may not.
    private static readonly HashSet<string> _safe = ["agent-offline", "overloaded", "draining", "unavailable", "expired-unsent", "storage-full"];

    /// <summary>Says what went wrong with a call or a session, and what to do about it.</summary>
    public static int Tell(Terminal terminal, SwitchboardException error, Uri address)
    {
        if (error.Reason == SwitchboardException.GatewayUnreachable)
        {
            return Unreachable(terminal, address, Addresses.GrpcVariable, error.Message);
        }

        terminal.Error.WriteLine($"switchboard: {error.Reason}: {Sentence(error.Message)}{About(error)}");
        return error.Reason switch
        {
            "agent-offline" or "agent-unknown" => ExitCode.AgentAway,
            "first-message-timeout" or "expired-unsent" or "stalled" or SwitchboardException.GatewaySilent => ExitCode.Timeout,
            _ when error.Status == StatusCode.DeadlineExceeded => ExitCode.Timeout,
            _ => ExitCode.Failed,
        };
    }

    /// <summary>Nothing listens there, or it is not a gateway.</summary>
    public static int Unreachable(Terminal terminal, Uri address, string variable, string detail)
    {
        TellUnreachable(terminal.Error, address, variable, detail);
        return ExitCode.Failed;
    }

    /// <summary>The text of <see cref="Unreachable"/>.</summary>
    public static void TellUnreachable(TextWriter output, Uri address, string variable, string detail)
    {
        output.WriteLine($"switchboard: no gateway answers at {address} ({detail})");
        output.WriteLine("  Start one:            dotnet run --project src/Silo");
        output.WriteLine($"  Or say where one is:  --url, or the environment variable {variable}");
    }

    private static string Sentence(string words) => words.EndsWith('.') ? words : words + ".";

    private static string About(SwitchboardException error)
    {
        var sent = error.Sent switch
        {
            true => " The agent had got the request, so it may have done it.",
            false when _safe.Contains(error.Reason) => " The agent never got it, so trying again is safe.",
            false => " The agent never got it.",
            null => "",
        };
        return error.RequestId is { Length: > 0 } id ? $"{sent} (request {id})" : sent;
    }
}

using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Switchboard.Client.Serving;

/// <content>Defines the log messages, with event ids 6000 to 6099.</content>
internal sealed partial class AgentSession
{
    [LoggerMessage(6001, LogLevel.Information, "Agent {AgentId} is connected")]
    private partial void LogWelcome(string agentId);

    [LoggerMessage(6002, LogLevel.Information, "Agent {AgentId} was told to go away: {Reason}; next: {Next}")]
    private partial void LogGoAway(string agentId, string reason, AfterGoAway next);

    [LoggerMessage(6003, LogLevel.Information, "The session of agent {AgentId} ended: {Detail}")]
    private partial void LogEnded(string agentId, string detail);

    [LoggerMessage(6004, LogLevel.Debug, "Request {RequestId} was given up ({Status}, {Error})")]
    private partial void LogGivenUp(string requestId, StatusCode status, string error);

    [LoggerMessage(6005, LogLevel.Error, "The handler of request {RequestId} failed")]
    private partial void LogHandlerFailed(Exception error, string requestId);

    [LoggerMessage(6006, LogLevel.Warning, "Request {RequestId} was not started: {Outcome}")]
    private partial void LogNotStarted(string requestId, StartOutcome outcome);

    [LoggerMessage(6007, LogLevel.Information, "Request {RequestId} is cancelled: the gateway does not list it any more")]
    private partial void LogNobodyWaits(string requestId);

    [LoggerMessage(6008, LogLevel.Warning, "Request {RequestId} is not known here and the gateway waits for it; it is told so")]
    private partial void LogUnknown(string requestId);
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Switchboard.Client.Serving;

namespace Switchboard.Client;

/// <summary>
/// Serves requests under one agent id: keeps a subscription open, connects again when it is lost, and runs a handler for each request.
/// Dials out only, so it needs no open port.
/// </summary>
public sealed partial class SwitchboardAgent
{
    // Sessions that were told to drain and are not over yet; more than a few means a gateway that only ever drains.
    private const int LingeringMax = 8;

    // The gateway's own default.
    private const int InFlightWhereUnsaid = 1024;

    private readonly SwitchboardAgentOptions _options;
    private readonly SwitchboardHandler _handler;
    private readonly ILogger _logger;
    private int _started;

    /// <summary>An agent that does nothing until it is run.</summary>
    /// <exception cref="ArgumentException">Options are wrong; the message names all that are.</exception>
    public SwitchboardAgent(SwitchboardAgentOptions options, SwitchboardHandler handler)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(handler);
        options.Validate();
        _options = options;
        _handler = handler;
        _logger = options.LoggerFactory?.CreateLogger("Switchboard.Client.Agent") ?? NullLogger.Instance;
    }

    /// <summary>
    /// Serves until it is cancelled, and then returns, or until the gateway sends it away for good, and then throws. Either way nothing
    /// that it started is still running: it waits for every handler. Runs once.
    /// </summary>
    /// <exception cref="SwitchboardDisplacedException">Another process has taken this agent's id.</exception>
    /// <exception cref="SwitchboardException">The gateway refused this agent, or kicked it without asking it back.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new InvalidOperationException("A SwitchboardAgent runs once; make another one.");
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Lingering> sessions = [];
        try
        {
            // On the pool, so that an application with a synchronisation context of its own does not carry the agent's traffic on it.
            await Task.Run(() => SuperviseAsync(sessions, stop.Token), CancellationToken.None);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What was asked for.
        }
        finally
        {
            await stop.CancelAsync();
            await AllEndedAsync(sessions);
            Report(new(SwitchboardAgentState.Stopped));
        }
    }

    private async Task SuperviseAsync(List<Lingering> sessions, CancellationToken stop)
    {
        var backoff = new Backoff(_options.ReconnectDelayMin, _options.ReconnectDelayMax, _options.Draw);
        var running = new RunningRequests(2 * (_options.MaxInFlight == 0 ? InFlightWhereUnsaid : _options.MaxInFlight));
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            Report(new(SwitchboardAgentState.Connecting));
            var session = new AgentSession(_options, _handler, running, _logger);
            sessions.Add(new Lingering(session, session.RunAsync(stop)));
            var end = await session.Leaving;
            stop.ThrowIfCancellationRequested();
            if (end.Next == AfterGoAway.Stop)
            {
                // An answer under way goes on while its call lives, also after another process has taken the id.
                await AllEndedAsync(sessions);
                throw end.Error!;
            }

            if (end.Held)
            {
                backoff.Reset();
            }

            var wait = end.Wait + backoff.Next();
            if (end.Next == AfterGoAway.Rejoin)
            {
                LogReconnecting(_options.AgentId, wait, end.Detail);
                Report(new(SwitchboardAgentState.Waiting) { RetryIn = wait, Detail = end.Detail, Error = end.Error });
            }

            await Task.Delay(wait, _options.TimeProvider, stop);
            Tidy(sessions);
        }
    }

    /// <summary>
    /// Forgets sessions that are over. What remains holds a running handler each, and those are capped, or is one of the last few.
    /// </summary>
    private static void Tidy(List<Lingering> sessions)
    {
        sessions.RemoveAll(s => s.Ended.IsCompleted);
        for (var i = 0; i < sessions.Count - LingeringMax; i++)
        {
            sessions[i].Session.Abandon();
        }
    }

    private static Task AllEndedAsync(List<Lingering> sessions) => Task.WhenAll(sessions.Select(s => s.Ended));

    private void Report(SwitchboardAgentStatus status) => _options.StatusChanged?.Invoke(status);

    [LoggerMessage(6000, LogLevel.Warning, "Agent {AgentId} connects again in {Wait}: {Detail}")]
    private partial void LogReconnecting(string agentId, TimeSpan wait, string detail);

    private sealed record Lingering(AgentSession Session, Task Ended);
}
